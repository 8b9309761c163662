// form-js without its view. What its view does between a change and the drawing is done here by a renderer that draws
// nothing: it asks the form's own services which fields are hidden and keeps the field instances up to date.
//
// Two things are in form-js's favour: its view checks every condition twice and copies all data for each of them, and
// here each is checked once. One thing is added: form-js keeps the values of hidden fields, and other engines clear them.
import { createRequire } from "node:module";

// What it takes from a browser when it is loaded and makes its container, before anything is drawn.
globalThis.KeyboardEvent ??= class {};
globalThis.document ??= { createElement: () => ({ classList: { add() {} } }) };

// Its ES module names files of other packages in a way that only bundlers understand.
const { buildExpressionContext, Form } = createRequire(import.meta.url)("@bpmn-io/form-js-viewer");

class NoRenderer {}

export async function load(text) {
  const form = new Form({ additionalModules: [{ renderer: ["type", NoRenderer] }] });
  const { warnings } = await form.importSchema(JSON.parse(text));
  if (warnings.length > 0) throw new Error(`form-js warns: ${JSON.stringify(warnings)}`);

  const conditions = form.get("conditionChecker");
  const instances = form.get("formFieldInstanceRegistry");
  const paths = form.get("pathRegistry");
  const fields = form._getState().schema.components;
  const hidden = new Map(fields.map((field) => [field.key, false]));
  let expressionContextInfo;

  // Sources come before their targets, so one pass is enough.
  function evaluate() {
    const { data } = form._getState();
    const context = buildExpressionContext({ data, this: data, parent: null, i: [] });
    expressionContextInfo = { data, this: data, parent: null, i: [] };
    for (const field of fields) {
      const hide = field.conditional?.hide;
      const isHidden = hide ? conditions.check(hide, context) === true : false;
      hidden.set(field.key, isHidden);
      if (isHidden) data[field.key] = context[field.key] = null;
      instances.syncInstance(field.id, {
        id: field.id,
        expressionContextInfo,
        valuePath: field.path_ ??= paths.getValuePath(field),
        value: data[field.key],
        hidden: isHidden,
      });
    }
  }

  const byKey = new Map(fields.map((field) => [field.key, field]));
  evaluate();
  return {
    answer(question, value) {
      form._update({ fieldInstance: instances.get(byKey.get(question).id), value });
      evaluate();
    },
    validate() {
      return form.validate();
    },
    standing() {
      const errors = form.validate();
      const required = (error) => error === "Field is required.";
      return {
        visible: fields.filter((field) => !hidden.get(field.key)).map((field) => field.key),
        missing: fields.filter((field) => errors[field.id]?.some(required)).map((field) => field.key),
        right: Object.values(errors).every((list) => list.every(required)),
      };
    },
  };
}
