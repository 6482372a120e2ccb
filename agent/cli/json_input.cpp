// Text as people save it, then JSON with every digit kept.
#include "agent/cli/json_input.hpp"

#include "core/encoding/text_file.hpp"
#include "core/format/exact_json.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {

Result<json::value> read_json_input(const CliOutput& output, const std::string& name) {
  Result<PlainText> input = name == "-" ? read_plain_input(limits::kLocalRequestBytes)
                                        : read_plain_text(name, limits::kLocalRequestBytes);
  if (input.has_error()) {
    Error error = input.error();
    error.code = ErrorCode::kBadInput;
    return error;
  }
  if (!input.value().notice.empty()) output.note(output.words(input.value().notice));
  return parse_exact_json(input.value().text, name == "-" ? "standard input" : name);
}

}  // namespace rootlet::agent
