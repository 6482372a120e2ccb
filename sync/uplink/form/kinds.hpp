// The forms of the record kinds that every realm has: corrections, requests, disposal certificates
// and incidents. They are sent, validated and answered like any collected record.
#pragma once

#include "sync/uplink/form/form.hpp"

namespace rootlet {

inline constexpr std::string_view kCollection = "collection";

// The built-in form of `kind` (its id is the kind); null for collections and unknown kinds.
const FormDefinition* builtin_form(std::string_view kind);

}  // namespace rootlet
