import { useId } from "react";

import type { IdentityLevel, Language } from "../ipc";
import { m } from "../messages/messages.js";
import { DropDown } from "../parts/DropDown";
import type { Call } from "../store/call";
import { useObservable } from "../store/observable";
import { faultWords } from "../words/codes";
import { CallText } from "./CallText";

const LEVELS: { [level in IdentityLevel]: () => string } = {
  stated: () => m.identity_level_stated(),
  control_questions: () => m.identity_level_control_questions(),
  call_back: () => m.identity_level_call_back(),
  eid: () => m.identity_level_eid(),
  visit: () => m.identity_level_visit(),
};

const LANGUAGES: { [language in Language]: () => string } = {
  swedish: () => m.language_swedish(),
  english: () => m.language_english(),
  finnish: () => m.language_finnish(),
  meankieli: () => m.language_meankieli(),
  sami: () => m.language_sami(),
  romani: () => m.language_romani(),
  yiddish: () => m.language_yiddish(),
  sign_language: () => m.language_sign_language(),
  other: () => m.language_other(),
};

/** Who calls, as stated; nobody has to say. */
export function CallerFields({ call }: { call: Call }) {
  const id = useId();
  const head = useObservable(call.head);
  const fault = (code: string | null): string | null =>
    code === null ? null : faultWords({ code, params: {} });
  return (
    <section className="caller" aria-labelledby={id}>
      <h3 id={id}>{m.call_caller()}</h3>
      <p className="help">{m.call_anonymous()}</p>
      <CallText call={call} field="caller_name" label={m.call_name()} reveal={{ what: "caller_name" }} />
      <CallText
        call={call}
        field="caller_identity_number"
        label={m.call_identity_number()}
        fault={fault(head.identity_number_fault)}
        inputMode="numeric"
        reveal={{ what: "caller_identity_number" }}
      />
      <CallText
        call={call}
        field="caller_phone"
        label={m.call_phone()}
        fault={fault(head.phone_fault)}
        inputMode="tel"
        {...(head.protected ? { hint: m.call_phone_protected() } : {})}
        reveal={{ what: "caller_phone" }}
      />
      <Chosen
        label={m.call_identity_level()}
        name="call.identity_level"
        words={LEVELS}
        chosen={head.identity_level}
        choose={(level) => call.setIdentityLevel(level)}
      />
      <Chosen
        label={m.call_language()}
        name="call.language"
        words={LANGUAGES}
        chosen={head.language}
        choose={(language) => call.setLanguage(language)}
      />
    </section>
  );
}

interface ChosenProps<Id extends string> {
  label: string;
  name: string;
  words: { [id in Id]: () => string };
  chosen: Id;
  choose: (id: Id) => void;
}

function Chosen<Id extends string>({ label, name, words, chosen, choose }: ChosenProps<Id>) {
  const id = useId();
  const ids = Object.keys(words) as Id[];
  return (
    <div className="call-text" data-field={name}>
      <p id={id} className="label">
        {label}
      </p>
      <DropDown
        name={name}
        choices={ids.map((each) => ({ id: each, label: words[each]() }))}
        chosen={chosen}
        placeholder={m.form_choose()}
        labelledBy={id}
        choose={(each) => {
          const found = ids.find((known) => known === each);
          if (found) choose(found);
        }}
      />
    </div>
  );
}
