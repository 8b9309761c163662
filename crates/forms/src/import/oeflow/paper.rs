//! Forms on paper that lie in the file.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use sha2::{Digest, Sha256};

use super::{Finding, Outcome, Taking, texts::short};
use crate::{
    PaperForm,
    import::{
        ImportedFile,
        names::{self, Names},
        xml::Node,
    },
};

/// Bytes of one paper form.
const FILE_MAX: usize = 20 * 1024 * 1024;
/// Signs of it as it is written, with line breaks: four for three bytes, and some.
const WRITTEN_MAX: usize = FILE_MAX / 2 * 3;
/// More than this many are not looked at.
const FORMS_MAX: usize = 50;
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Taking {
    pub(super) fn paper_forms(
        &mut self,
        flow: Node<'_, '_>,
        flow_name: &str,
    ) -> (Vec<PaperForm>, Vec<ImportedFile>) {
        let listed = flow.child("FlowForms").into_iter().flat_map(Node::children);
        let listed = listed.filter(|form| form.name() == "FlowForm");
        let listed = listed.map(|form| (form.value("name").unwrap_or(flow_name), form.child("file"), form));
        // Older files have one, without a name.
        let old = flow.child("PDF").filter(|_| flow.flag("hasPDF")).map(|pdf| (flow_name, Some(pdf), pdf));
        let (mut forms, mut files) = (Vec::new(), Vec::new());
        let mut file_names = Names::default();
        for (n, (name, file, form)) in listed.chain(old).take(FORMS_MAX).enumerate() {
            let name = Some(names::label(name)).filter(|name| !name.is_empty());
            let name = name.unwrap_or_else(|| flow_name.to_owned());
            let place = format!("FlowForms/FlowForm[{}] ({})", n + 1, short(&name));
            match content(file, form) {
                Ok(bytes) => {
                    let stem = names::slug(&name);
                    let stem = file_names.take(if stem.is_empty() { "blankett" } else { &stem });
                    let file = format!("{stem}.pdf");
                    self.add(Outcome::Taken, &place, Finding::PaperForm { file: file.clone() });
                    forms.push(PaperForm {
                        name,
                        file: file.clone(),
                        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
                        sha256: hex::encode(Sha256::digest(&bytes)),
                    });
                    files.push(ImportedFile { name: file, bytes });
                }
                Err(finding) => self.add(Outcome::NotUnderstood, &place, finding),
            }
        }
        (forms, files)
    }
}

/// Only PDF: that is what it is in the portal, and what can be printed without being run.
fn content(file: Option<Node<'_, '_>>, form: Node<'_, '_>) -> Result<Vec<u8>, Finding> {
    if form.value("externalURL").is_some() {
        return Err(Finding::PaperFormElsewhere);
    }
    let written = file.map(Node::text).unwrap_or_default();
    if written.len() > WRITTEN_MAX {
        return Err(Finding::PaperFormTooLarge { max: FILE_MAX });
    }
    let signs: Vec<u8> = written.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(signs).map_err(|_| Finding::PaperFormUnreadable)?;
    match () {
        () if bytes.len() > FILE_MAX => Err(Finding::PaperFormTooLarge { max: FILE_MAX }),
        () if !bytes.starts_with(b"%PDF-") => Err(Finding::PaperFormUnreadable),
        () => Ok(bytes),
    }
}
