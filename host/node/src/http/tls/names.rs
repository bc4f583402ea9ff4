//! A client's certificate to what it calls its holder: its fingerprint, and the names its authority has put into
//! it. Takes a certificate that was found to be good; must not know who answers to a name.

use std::io;

use rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

use crate::access::holder::{common_name, fingerprint, host_name, uri};
use crate::http::tls::subject::common_name_of;

/// All that a certificate calls its holder.
pub(super) fn names(certificate: &CertificateDer<'_>) -> io::Result<Vec<String>> {
    let parsed = EndEntityCert::try_from(certificate);
    let parsed = parsed.map_err(|error| io::Error::other(error.to_string()))?;
    let mut names = vec![fingerprint(certificate)];
    names.extend(parsed.valid_dns_names().map(host_name));
    names.extend(parsed.valid_uri_names().map(uri));
    names.extend(common_name_of(parsed.subject()).map(common_name));
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    #[test]
    fn a_certificate_has_the_names_its_authority_gave_it() {
        let mut params = CertificateParams::new(["Till-7.example".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Shops");
        params.distinguished_name.push(DnType::CommonName, "Tïll 7");
        let urn = "urn:till:7".try_into().unwrap();
        params.subject_alt_names.push(SanType::URI(urn));
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let names = names(certificate.der()).unwrap();
        let print = fingerprint(certificate.der());
        assert_eq!(
            names,
            [&print, "dns:till-7.example", "uri:urn:till:7", "cn:Tïll 7"]
        );
    }
}
