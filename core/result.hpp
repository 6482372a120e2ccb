// Result<T>: a value or an Error. Reading the one that is not there is a bug and aborts in every
// build.
#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/try.hpp>
#include <string>
#include <utility>

#include "core/error.hpp"

namespace rootlet {

template <typename T>
using Result = boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::terminate>;

using Status = Result<void>;

inline Status ok() {
  return boost::outcome_v2::success();
}

}  // namespace rootlet

// ROOTLET_TRY(auto value, expression) or ROOTLET_TRY(expression): continues, or returns the error.
#define ROOTLET_TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
