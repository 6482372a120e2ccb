// Names of Boost.JSON's types, for headers that only mention them: the whole of it is heavy to
// compile.
#pragma once

#include <boost/json/fwd.hpp>

namespace rootlet {

namespace json = boost::json;

}  // namespace rootlet
