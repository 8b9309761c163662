import type { Preferences, SessionView } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Radios } from "../parts/Radios";
import { useWorkspace } from "../store/context";
import { useObservable } from "../store/observable";

export function Settings() {
  const workspace = useWorkspace();
  const preferences = useObservable(workspace.preferences);
  const session = useObservable(workspace.session);
  const change = (changed: Partial<Preferences>): void => void workspace.setPreferences({ ...preferences, ...changed });
  return (
    <Dialog title={m.settings_title()} close={() => workspace.dialog.set(null)} className="settings">
      <Radios
        label={m.settings_theme()}
        name="settings.theme"
        chosen={preferences.theme}
        choices={[
          { id: "system", label: m.settings_theme_system() },
          { id: "light", label: m.settings_theme_light() },
          { id: "dark", label: m.settings_theme_dark() },
          { id: "contrast", label: m.settings_theme_contrast() },
        ]}
        choose={(theme) => change({ theme })}
      />
      <Radios
        label={m.settings_language()}
        name="settings.language"
        chosen={preferences.language}
        choices={[
          { id: "sv", label: m.settings_language_sv() },
          { id: "en", label: m.settings_language_en() },
        ]}
        choose={(language) => change({ language })}
      />
      <Radios
        label={m.settings_text_size()}
        name="settings.text_size"
        chosen={String(preferences.text_size)}
        choices={[
          { id: "13", label: m.settings_text_size_13() },
          { id: "14", label: m.settings_text_size_14() },
          { id: "16", label: m.settings_text_size_16() },
        ]}
        choose={(size) => change({ text_size: Number(size) })}
      />
      <About session={session} />
    </Dialog>
  );
}

function About({ session }: { session: SessionView }) {
  const workspace = useWorkspace();
  return (
    <section className="settings-about" aria-label={m.settings_storage()}>
      <p>
        {session.storage === "memory_only" ? m.settings_storage_memory_only() : m.settings_storage_encrypted()}
      </p>
      <p>{m.settings_idle({ minutes: session.idle_minutes })}</p>
      <p className="hint">{m.settings_about({ version: session.version })}</p>
      <div className="button-row">
        {mayHavePin(session) && (
          <Button onClick={() => workspace.dialog.set("pin")}>
            {session.pin.set ? m.settings_pin_change() : m.settings_pin_choose()}
          </Button>
        )}
        <Button onClick={() => workspace.dialog.set("health")}>{m.settings_health()}</Button>
        <Button onClick={() => void workspace.signOut()}>{m.settings_sign_out()}</Button>
      </div>
    </section>
  );
}

/** One that is there can be taken away whatever the policy says. */
function mayHavePin({ pin, storage }: SessionView): boolean {
  return storage === "encrypted" && (pin.set || pin.policy !== "off");
}
