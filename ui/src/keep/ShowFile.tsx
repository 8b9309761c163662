import type { FileRef } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { useWorkspace } from "../store/context";

/** Types that the core draws as pictures. */
const DRAWN = ["image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"];

/** Shows an attached file, if it can be drawn. */
export function ShowFile({ draft, file: { id, name, media_type } }: { draft: string; file: FileRef }) {
  const workspace = useWorkspace();
  if (!DRAWN.includes(media_type)) return null;
  return (
    <Button
      look="quiet"
      icon="eye"
      aria-label={m.preview_show_named({ name })}
      onClick={() => workspace.dialog.set({ about: "preview", draft, file: id, name })}
    >
      {m.preview_show()}
    </Button>
  );
}
