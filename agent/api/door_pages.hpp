// The pages at the console's door, as HTML. Pure; every text from outside is escaped.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"

namespace rootlet::agent {

std::string local_page(Language language, std::string_view user);  // `user` "": not signed in
// `fingerprint` of the authority that browsers import.
std::string pairing_page(Language language, std::string_view fingerprint);
std::string resume_page(Language language, std::string_view person);
std::string signed_in_page(Language language, std::string_view person);
std::string refusal_page(Language language, const Error& error);

}  // namespace rootlet::agent
