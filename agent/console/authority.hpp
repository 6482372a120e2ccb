// The local authority: a certificate authority of this machine alone, made on first use, which IT
// imports into the office's browsers once. It signs the certificate of the console on the office's
// network. Keys never leave the home. The only code here that includes OpenSSL.
#pragma once

#include <string>
#include <vector>

#include "agent/office/home.hpp"
#include "core/clock.hpp"

namespace rootlet::agent {

struct ConsoleCertificate {
  fs::path chain;           // PEM: the console's certificate
  fs::path key;             // PEM
  fs::path authority;       // PEM: what IT imports
  std::string fingerprint;  // SHA-256 of the authority's certificate, "AB:CD:…"
};

// In HOME/console/. Makes what is missing: the authority for ten years, and the certificate, for a
// year, whenever it is near its end or lacks one of `names` (host names and IP addresses).
Result<ConsoleCertificate> console_certificate(const Home& home,
                                               const std::vector<std::string>& names, UnixTime now);

// "" before there is an authority.
std::string authority_fingerprint(const Home& home);

}  // namespace rootlet::agent
