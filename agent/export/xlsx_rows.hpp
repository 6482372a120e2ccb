// The rows of an answer as a workbook: a sheet for each head, and one that says where they come
// from, for what purpose, who exported them, and whether a limit cut them. For the command line and
// the local API alike.
#pragma once

#include "agent/export/xlsx_file.hpp"
#include "core/format/json_fwd.hpp"
#include "core/text.hpp"

namespace rootlet::agent {

class XlsxRows {
 public:
  XlsxRows(XlsxFile workbook, Language language)
      : workbook_(std::move(workbook)), language_(language) {}

  // As an AnswerSink gets them (agent/channel/answer.hpp).
  Status head(const json::object& head);
  Status rows(const json::array& rows);
  // The bytes of the whole file; nothing may follow.
  Result<Bytes> finish(const json::object& done);

 private:
  std::string words(const Text& text) const { return text.in(language_); }

  XlsxFile workbook_;
  Language language_;
  std::vector<std::string> types_, source_;
  int sheets_ = 0;
};

}  // namespace rootlet::agent
