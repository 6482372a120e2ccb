// Rows as they arrive from a command, as JSON, CSV, JSON Lines or an Excel workbook. Each form
// carries the provenance of its rows and says whether a limit cut them:
//
//   JSON        {"provenance", "columns", "rows": [{…}], "count", "limited", "next", "total"}
//   CSV, Lines  fields Rootlet-Provenance (JSON, percent-encoded), Rootlet-Limited, Rootlet-Total;
//               with provenance=columns the provenance is in the first columns of each row
//   XLSX        the same fields; a second sheet says where the rows come from
//   search      {"results": [{"provenance", "columns", "rows"}], "count", "limited"}
//
// More rows than fit a screen, and values without masks, are an export and carry its watermark: the
// member "export", the last line "# …" of CSV, the last object {"export": …} of JSON Lines.
//
// If a command fails midway, JSON ends with "error", a problem; the other forms break off.
#pragma once

#include <memory>

#include "agent/api/form/body_out.hpp"
#include "agent/api/form/request.hpp"
#include "agent/channel/answer.hpp"

namespace rootlet::agent {

class RowBody : public AnswerSink {
 public:
  Status progress(const json::object&) override { return ok(); }
  bool is_gone() const override { return out_.is_gone(); }
  // After the last row, with the command's result.
  virtual Status finish(const json::object& done) = 0;
  // The command failed after rows were written: true if the body says so.
  virtual bool finish_with(const Error& error);

 protected:
  RowBody(BodyOut& out, const ApiRequest& request) : out_(out), request_(request) {}
  BodyOut& out_;
  const ApiRequest& request_;
};

std::unique_ptr<RowBody> row_body(BodyOut& out, const ApiRequest& request);
std::unique_ptr<RowBody> search_body(BodyOut& out, const ApiRequest& request);
// One row, for its key: {"row", "columns", "provenance"}.
std::unique_ptr<RowBody> single_row_body(BodyOut& out, const ApiRequest& request);

// Of SQL as JSON: {"provenance", "sources", "columns", "rows": [[…]], "count", "limited", "cut"}.
// Rows are lists, because two columns may have one name.
std::unique_ptr<RowBody> sql_body(BodyOut& out, const ApiRequest& request);
// Written when the last row has arrived.
std::unique_ptr<RowBody> xlsx_body(BodyOut& out, const ApiRequest& request);

// Rootlet-Provenance and, as far as the head says so, Rootlet-Limited and Rootlet-Total.
std::vector<http::Field> companion_fields(const json::object& head);

// A list of objects as CSV or JSON Lines; nested members are JSON text in CSV.
http::Reply list_reply(const json::array& list, BodyForm form);

// The address of the next page: the request's own with another cursor.
std::string next_address(const ApiRequest& request, std::string_view cursor);

}  // namespace rootlet::agent
