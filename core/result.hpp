// Result<T>: a value or an Error. Reading the one that is not there is a bug and aborts in every
// build.
#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
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

// ROOTLET_TRY(auto value, expression) or ROOTLET_TRY(expression): go on, or return the error. The
// same as BOOST_OUTCOME_TRY for these two forms, but with a fraction of its templates: every
// function has several.
#define ROOTLET_TRY(...) \
  ROOTLET_TRY_PICK(__VA_ARGS__, V, V, V, V, V, V, V, S, )(__COUNTER__, __VA_ARGS__)
#define ROOTLET_TRY_PICK(_1, _2, _3, _4, _5, _6, _7, _8, kind, ...) ROOTLET_TRY_##kind
#define ROOTLET_TRY_S(number, ...) ROOTLET_TRY_CHECK(ROOTLET_TRY_JOIN(tried_, number), __VA_ARGS__)
#define ROOTLET_TRY_V(number, declaration, ...) \
  ROOTLET_TRY_TAKE(ROOTLET_TRY_JOIN(tried_, number), declaration, __VA_ARGS__)
#define ROOTLET_TRY_TAKE(tried, declaration, ...) \
  ROOTLET_TRY_CHECK(tried, __VA_ARGS__);          \
  declaration = static_cast<decltype(tried)&&>(tried).assume_value()
#define ROOTLET_TRY_CHECK(tried, ...) \
  auto&& tried = (__VA_ARGS__);       \
  if (tried.has_error()) return static_cast<decltype(tried)&&>(tried).assume_error()
#define ROOTLET_TRY_JOIN(a, b) ROOTLET_TRY_JOIN_2(a, b)
#define ROOTLET_TRY_JOIN_2(a, b) a##b
