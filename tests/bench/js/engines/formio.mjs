// @formio/core as its readme uses it: the submission is changed, then the processors run over form and submission.
import { ProcessorMap, processSync } from "@formio/core";

const { simpleConditions, clearHidden, validate } = ProcessorMap;

// An empty number is null, as the fields of Form.io leave it; without a value its limits cannot be checked.
const emptyNumbers = {
  processSync(context) {
    const { component, value } = context;
    const empty = component.type === "number" && value === undefined && !component.scope?.conditionallyHidden;
    if (empty) context.value = null;
  },
};

export function load(text) {
  const form = JSON.parse(text);
  const inputs = form.components.flatMap((panel) => panel.components);
  const data = {};
  let scope;
  const run = (processors) => {
    scope = { errors: [] };
    processSync({ form, components: form.components, data, scope, processors });
  };
  const set = (question, value) => {
    if (value === null) delete data[question];
    else data[question] = value;
  };
  return {
    answer(question, value) {
      set(question, value);
      run([simpleConditions, clearHidden]);
    },
    // In one pass, as it is meant to be used.
    answerAndValidate(question, value) {
      set(question, value);
      run([simpleConditions, clearHidden, emptyNumbers, validate]);
      return scope.errors.length;
    },
    standing() {
      run([simpleConditions, clearHidden, emptyNumbers, validate]);
      const hidden = new Set(scope.conditionals.filter((one) => one.conditionallyHidden).map((one) => one.path));
      const missing = new Set();
      let right = true;
      for (const error of scope.errors) {
        if (error.errorKeyOrMessage === "required") missing.add(error.context.path);
        else right = false;
      }
      const ids = inputs.map((component) => component.key);
      return {
        visible: ids.filter((id) => !hidden.has(id)),
        missing: ids.filter((id) => missing.has(id)),
        right,
      };
    },
  };
}
