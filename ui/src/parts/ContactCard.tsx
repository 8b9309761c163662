import type { Contact } from "../ipc";

/** Whom to transfer the call to. */
export function ContactCard({ contact, unit }: { contact: Contact; unit: string }) {
  return (
    <address className="contact">
      <p className="strong">{contact.name}</p>
      {unit !== contact.name && <p>{unit}</p>}
      <p className="contact-phone">{contact.phone}</p>
      {contact.email && <p>{contact.email}</p>}
      {contact.hours && <p className="hint">{contact.hours}</p>}
    </address>
  );
}
