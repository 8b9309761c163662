//! JSON whose bytes depend on nothing but what it says: no space, and every object's keys in order.
//!
//! Written in one pass; an object whose keys came in another order is put in order where it ends.

use std::{borrow::Cow, cmp::Ordering, ops::Range};

use serde::{
    Serialize, Serializer,
    ser::{
        Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};
use serde_json::{Error, Result};

/// Entries that most objects have room for from the beginning.
const FIELDS: usize = 12;

pub(crate) fn to_vec(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut json = Vec::new();
    value.serialize(Canonical { json: &mut json })?;
    Ok(json)
}

struct Canonical<'j> {
    json: &'j mut Vec<u8>,
}

/// An array, and what ends it.
struct Items<'j> {
    json: &'j mut Vec<u8>,
    first: bool,
    end: &'static [u8],
}

/// An object, and what ends it.
struct Fields<'j> {
    json: &'j mut Vec<u8>,
    entries: Vec<Entry>,
    end: &'static [u8],
}

/// Where an entry of an object stands: its key with the quotes, and all of it.
struct Entry {
    key: Range<usize>,
    whole: Range<usize>,
}

/// What has no parts is written as `serde_json` does.
macro_rules! plain {
    ($($method:ident $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<()> {
            serde_json::Serializer::new(self.json).$method(value)
        })*
    };
}

impl<'j> Canonical<'j> {
    fn items(self, end: &'static [u8]) -> Items<'j> {
        self.json.push(b'[');
        Items { json: self.json, first: true, end }
    }

    fn fields(self, end: &'static [u8]) -> Fields<'j> {
        self.json.push(b'{');
        Fields { json: self.json, entries: Vec::with_capacity(FIELDS), end }
    }

    /// The beginning of an object of one entry.
    fn variant(self, name: &str) -> Result<Self> {
        self.json.push(b'{');
        serde_json::to_writer(&mut *self.json, name)?;
        self.json.push(b':');
        Ok(self)
    }
}

impl<'j> Serializer for Canonical<'j> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'j>;
    type SerializeTuple = Items<'j>;
    type SerializeTupleStruct = Items<'j>;
    type SerializeTupleVariant = Items<'j>;
    type SerializeMap = Fields<'j>;
    type SerializeStruct = Fields<'j>;
    type SerializeStructVariant = Fields<'j>;

    plain!(
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_f32 f32,
        serialize_f64 f64, serialize_char char, serialize_str &str, serialize_bytes &[u8]
    );

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.json.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        let Self { json } = self.variant(variant)?;
        value.serialize(Canonical { json: &mut *json })?;
        json.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'j>> {
        Ok(self.items(b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'j>> {
        Ok(self.items(b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'j>> {
        Ok(self.items(b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'j>> {
        Ok(self.variant(variant)?.items(b"]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'j>> {
        Ok(self.fields(b"}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'j>> {
        Ok(self.fields(b"}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'j>> {
        Ok(self.variant(variant)?.fields(b"}}"))
    }
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if !std::mem::take(&mut self.first) {
            self.json.push(b',');
        }
        value.serialize(Canonical { json: &mut *self.json })
    }

    fn ended(self) {
        self.json.extend_from_slice(self.end);
    }
}

impl Fields<'_> {
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        if !self.entries.is_empty() {
            self.json.push(b',');
        }
        let begin = self.json.len();
        key.serialize(Canonical { json: &mut *self.json })?;
        if self.json.get(begin) != Some(&b'"') {
            return Err(Error::custom("a key is no text"));
        }
        self.entries.push(Entry { key: begin..self.json.len(), whole: begin..begin });
        self.json.push(b':');
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        value.serialize(Canonical { json: &mut *self.json })?;
        if let Some(entry) = self.entries.last_mut() {
            entry.whole.end = self.json.len();
        }
        Ok(())
    }

    /// Of two with the same key the last one stands.
    fn ended(mut self) {
        let json = &*self.json;
        let in_order = self.entries.windows(2).all(|two| match two {
            [a, b] => order(json, a, b) == Ordering::Less,
            _ => true,
        });
        if !in_order {
            self.entries.sort_by(|a, b| order(json, a, b));
            let begin = self.entries.iter().map(|entry| entry.whole.start).min().unwrap_or(json.len());
            let mut sorted = Vec::with_capacity(json.len() - begin);
            for (n, entry) in self.entries.iter().enumerate() {
                let again = self.entries.get(n + 1).is_some_and(|next| order(json, entry, next).is_eq());
                if !again {
                    if !sorted.is_empty() {
                        sorted.push(b',');
                    }
                    sorted.extend_from_slice(json.get(entry.whole.clone()).unwrap_or_default());
                }
            }
            self.json.truncate(begin);
            self.json.extend_from_slice(&sorted);
        }
        self.json.extend_from_slice(self.end);
    }
}

fn order(json: &[u8], a: &Entry, b: &Entry) -> Ordering {
    said(json, a).cmp(&said(json, b))
}

/// A key as it is said, not as it is written.
fn said<'j>(json: &'j [u8], entry: &Entry) -> Cow<'j, [u8]> {
    let written = json.get(entry.key.clone()).unwrap_or_default();
    if written.contains(&b'\\')
        && let Ok(said) = serde_json::from_slice::<String>(written)
    {
        return Cow::Owned(said.into_bytes());
    }
    Cow::Borrowed(written.get(1..written.len().saturating_sub(1)).unwrap_or_default())
}

macro_rules! items {
    ($($trait:ident $method:ident),*) => {
        $(impl $trait for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.item(value)
            }

            fn end(self) -> Result<()> {
                self.ended();
                Ok(())
            }
        })*
    };
}

items!(
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl $trait for Fields<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<()> {
                self.key(key)?;
                self.value(value)
            }

            fn end(self) -> Result<()> {
                self.ended();
                Ok(())
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.value(value)
    }

    fn end(self) -> Result<()> {
        self.ended();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn written(value: &impl Serialize) -> String {
        String::from_utf8(to_vec(value).unwrap()).unwrap()
    }

    #[derive(Serialize)]
    enum Shape {
        Unit,
        New(Option<u8>),
        Tuple(u8, char),
        Struct { b: f64, a: () },
    }

    #[derive(Serialize)]
    struct Unordered<'a> {
        zeta: &'a [Shape],
        alpha: &'a str,
        #[serde(flatten)]
        more: BTreeMap<&'a str, u8>,
    }

    #[test]
    fn keys_are_in_order_at_every_depth_and_the_last_of_two_stands() {
        let shapes = [Shape::Unit, Shape::New(None), Shape::Tuple(1, 'å'), Shape::Struct { b: 1.5, a: () }];
        let more = BTreeMap::from([("mu", 1), ("alpha", 2)]);
        assert_eq!(
            written(&Unordered { zeta: &shapes, alpha: "\"", more }),
            r#"{"alpha":2,"mu":1,"zeta":["Unit",{"New":null},{"Tuple":[1,"å"]},{"Struct":{"a":null,"b":1.5}}]}"#
        );
        assert_eq!(written(&BTreeMap::<&str, u8>::new()), "{}");
        assert!(to_vec(&BTreeMap::from([(1, 1)])).is_err());
    }

    /// As keys come when nobody has put them in order.
    struct Backwards<'v>(&'v Value);

    impl Serialize for Backwards<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
            match self.0 {
                Value::Object(fields) => {
                    let mut fields: Vec<_> = fields.iter().collect();
                    fields.sort_by(|(a, _), (b, _)| b.cmp(a));
                    serializer.collect_map(fields.into_iter().map(|(key, value)| (key, Backwards(value))))
                }
                Value::Array(items) => serializer.collect_seq(items.iter().map(Backwards)),
                other => other.serialize(serializer),
            }
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z\"\\\\\n\u{1}å]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-c!\"\\\\\n\u{1}å]{0,3}", inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_order_in_which_keys_come_does_not_matter(value in value()) {
            let json = written(&Backwards(&value));
            prop_assert_eq!(&json, &written(&value));
            prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), serde_json::from_str::<Value>(&value.to_string()).unwrap());
            // A map of serde_json's is in order itself, as long as nobody asks it for another.
            prop_assert_eq!(json, value.to_string());
        }
    }
}
