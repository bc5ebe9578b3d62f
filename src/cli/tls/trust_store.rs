//! Writes a trust store for Java: PKCS#12 without encryption, which Java opens with any password or none.

use yasna::Tag;
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, construct_der};

const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
const CERTIFICATE_BAG: &[u64] = &[1, 2, 840, 113_549, 1, 12, 10, 1, 3];
const X509_CERTIFICATE: &[u64] = &[1, 2, 840, 113_549, 1, 9, 22, 1];
const FRIENDLY_NAME: &[u64] = &[1, 2, 840, 113_549, 1, 9, 20];
/// Java's mark of a certificate that is trusted, and its value: for any purpose.
const TRUSTED_KEY_USAGE: &[u64] = &[2, 16, 840, 1, 113_894, 746_875, 1, 1];
const ANY_USAGE: &[u64] = &[2, 5, 29, 37, 0];

/// A trust store of certificates, the first of which are the server's.
pub(super) fn trust_store(certificates: &[Vec<u8>]) -> Vec<u8> {
    let bags = construct_der(|writer| {
        writer.write_sequence(|bags| {
            for (number, certificate) in certificates.iter().enumerate() {
                write_bag(bags.next(), &format!("wksmock-{number}"), certificate);
            }
        });
    });
    let safes = construct_der(|writer| writer.write_sequence(|safes| write_data(safes.next(), &bags)));
    construct_der(|writer| {
        writer.write_sequence(|file| {
            file.next().write_u8(3);
            write_data(file.next(), &safes);
        });
    })
}

/// Writes contents of the type data.
fn write_data(writer: DERWriter<'_>, contents: &[u8]) {
    writer.write_sequence(|data| {
        data.next().write_oid(&id(DATA));
        data.next().write_tagged(Tag::context(0), |writer| writer.write_bytes(contents));
    });
}

fn write_bag(writer: DERWriter<'_>, name: &str, certificate: &[u8]) {
    writer.write_sequence(|bag| {
        bag.next().write_oid(&id(CERTIFICATE_BAG));
        bag.next().write_tagged(Tag::context(0), |writer| {
            writer.write_sequence(|value| {
                value.next().write_oid(&id(X509_CERTIFICATE));
                value.next().write_tagged(Tag::context(0), |writer| writer.write_bytes(certificate));
            });
        });
        bag.next().write_set_of(|attributes| {
            write_attribute(attributes.next(), FRIENDLY_NAME, |writer| writer.write_bmp_string(name));
            write_attribute(attributes.next(), TRUSTED_KEY_USAGE, |writer| writer.write_oid(&id(ANY_USAGE)));
        });
    });
}

fn write_attribute(writer: DERWriter<'_>, name: &[u64], value: impl FnOnce(DERWriter<'_>)) {
    writer.write_sequence(|attribute| {
        attribute.next().write_oid(&id(name));
        attribute.next().write_set_of(|values| value(values.next()));
    });
}

fn id(components: &[u64]) -> ObjectIdentifier {
    ObjectIdentifier::from_slice(components)
}
