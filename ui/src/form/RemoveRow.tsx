import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { focusField } from "../parts/focus";
import { useForm } from "./context";

interface Props {
  path: string;
  row: string;
  label: string;
  number: number;
}

/** Takes a row away; focus goes to what is left of the group. */
export function RemoveRow({ path, row, label, number }: Props) {
  const form = useForm();
  return (
    <Button
      look="quiet"
      aria-label={m.form_group_remove({ row: label.toLowerCase(), number })}
      onClick={() => {
        form.removeRow(path, row);
        void form.saver.flush().then(() => focusField(path));
      }}
    >
      {m.file_remove_short()}
    </Button>
  );
}
