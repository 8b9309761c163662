// survey-core as its documentation uses a model without a view: setValue, and validate for the whole form.
import { Model } from "survey-core";

export function load(text) {
  const survey = new Model(JSON.parse(text));
  return {
    answer(question, value) {
      if (value === null) survey.clearValue(question);
      else survey.setValue(question, value);
    },
    validate() {
      return survey.validate(false);
    },
    standing() {
      survey.validate(true);
      const visible = survey.getAllQuestions().filter((question) => question.isVisible);
      const required = (error) => error.getErrorType() === "required";
      return {
        visible: visible.map((question) => question.name),
        missing: visible.filter((question) => question.errors.some(required)).map((question) => question.name),
        right: visible.every((question) => question.errors.every(required)),
      };
    },
  };
}
