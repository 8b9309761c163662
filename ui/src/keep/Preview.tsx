import { useCallback, useEffect, useState, type KeyboardEvent } from "react";

import { ipcError } from "../ipc";
import { m } from "../messages/messages.js";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { useProtected, useWorkspace } from "../store/context";
import { problemWords } from "../words/codes";

interface Props {
  draft: string;
  file: string;
  name: string;
}

type Shown =
  | { what: "opening" }
  | { what: "page"; address: string; width: number; height: number }
  | { what: "covered" }
  | { what: "problem"; code: string };

/** A page of an attached file as a picture that lives only while it is on screen. */
export function Preview({ draft, file, name }: Props) {
  const workspace = useWorkspace();
  const isProtected = useProtected();
  const [page, setPage] = useState(0);
  const [pages, setPages] = useState(1);
  const [fits, setFits] = useState(true);
  const [shown, setShown] = useState<Shown>({ what: "opening" });
  /** Counts up when the page is asked for again. */
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    let late = false;
    let address: string | null = null;
    workspace.backend.commands.preview({ draft, file, page }).then(
      ({ png, width, height, pages: all }) => {
        if (late) return;
        address = URL.createObjectURL(picture(png));
        setPages(all);
        setShown({ what: "page", address, width, height });
      },
      (thrown: unknown) => {
        if (!late) setShown({ what: "problem", code: ipcError(thrown).code });
      },
    );
    const cover = (): void => {
      late = true;
      if (address !== null) URL.revokeObjectURL(address);
    };
    const left = (): void => {
      cover();
      setShown({ what: "covered" });
    };
    if (isProtected) window.addEventListener("blur", left);
    return () => {
      window.removeEventListener("blur", left);
      cover();
    };
  }, [workspace, draft, file, page, asked, isProtected]);
  const turn = useCallback(
    (by: number) => setPage((here) => Math.max(0, Math.min(pages - 1, here + by))),
    [pages],
  );
  const turnByKey = (event: KeyboardEvent): void => {
    const by = { PageDown: 1, ArrowRight: 1, PageUp: -1, ArrowLeft: -1 }[event.key];
    // A picture in its actual size is scrolled by the arrows.
    if (by === undefined || (!fits && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    turn(by);
  };
  const where = m.preview_page({ page: page + 1, pages });
  return (
    <Dialog title={name} close={() => workspace.dialog.set(null)} className="preview">
      <div className="preview-inside" onKeyDown={turnByKey}>
        <div className="button-row preview-tools">
          <Button aria-disabled={page === 0} onClick={() => turn(-1)}>
            {m.preview_previous()}
          </Button>
          <p role="status">{where}</p>
          <Button data-first aria-disabled={page === pages - 1} onClick={() => turn(1)}>
            {m.preview_next()}
          </Button>
          <Button look="quiet" onClick={() => setFits(!fits)}>
            {fits ? m.preview_full() : m.preview_fit()}
          </Button>
        </div>
        <div className={fits ? "preview-page preview-fits" : "preview-page"} tabIndex={0} role="region" aria-label={where}>
          {shown.what === "opening" && <p className="hint">{m.preview_opening()}</p>}
          {shown.what === "problem" && (
            <p className="problem" role="alert">
              {problemWords(shown.code)}
            </p>
          )}
          {shown.what === "covered" && (
            <div className="preview-covered">
              <p>{m.preview_covered()}</p>
              <Button icon="eye" onClick={() => setAsked(asked + 1)}>
                {m.preview_again()}
              </Button>
            </div>
          )}
          {shown.what === "page" && (
            <img
              src={shown.address}
              alt={m.preview_alt({ name, page: page + 1, pages })}
              width={shown.width}
              height={shown.height}
              draggable={false}
            />
          )}
        </div>
      </div>
    </Dialog>
  );
}

function picture(base64: string): Blob {
  return new Blob([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))], { type: "image/png" });
}
