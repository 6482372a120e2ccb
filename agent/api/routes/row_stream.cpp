#include "agent/api/routes/row_stream.hpp"

#include <malloc.h>

#include "agent/api/form/problem.hpp"
#include "agent/api/form/row_body.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

std::unique_ptr<RowBody> body_of(RowCall::Body body, BodyOut& out, const ApiRequest& request) {
  if (body == RowCall::Body::kSearch) return search_body(out, request);
  if (body == RowCall::Body::kSingle) return single_row_body(out, request);
  if (body == RowCall::Body::kSql) return sql_body(out, request);
  return row_body(out, request);
}

// What was asked for and is not there is 404; all other errors keep their own status. The command
// calls "sql" what a request calls "statement".
http::Reply failed(Error error, const ApiAsk& ask) {
  if (error.field == "sql") error.field = "statement";
  const bool names_key = ask.match.values.size() == 2;
  const bool missing = names_key && error.code == ErrorCode::kBadInput && error.field == "key";
  return problem_reply(error, missing ? 404 : status_of(error), ask.request.language);
}

Error all_taken(const std::string& what) {
  Error error = fail(ErrorCode::kBusy, "as many " + what +
                                           " as this agent makes at once are on "
                                           "their way");
  error.hint = {.en = "Try again in a few seconds.", .zh = "同时进行的请求过多，请稍后重试。"};
  error.retry_after_seconds = 5;
  return error;
}

// A long answer leaves much freed memory, which an idle agent must not keep.
struct GivesBackMemory {
  ~GivesBackMemory() { ::malloc_trim(0); }
};

class RowProducer final : public http::Producer {
 public:
  RowProducer(const Api& api, ApiAsk ask, RowCall call)
      : api_(api), ask_(std::move(ask)), call_(std::move(call)) {}

  std::optional<http::Reply> produce(http::ReplyStream& stream) override {
    const Places::Taken place(api_.row_places());
    if (!place.is_granted()) return failed(all_taken("answers"), ask_);
    if (ask_.request.form == BodyForm::kXlsx) return produce_workbook(stream);
    return write(stream);
  }

 private:
  std::optional<http::Reply> produce_workbook(http::ReplyStream& stream) {
    const Places::Taken place(api_.xlsx_places());
    if (place.is_granted()) return write(stream);
    return failed(all_taken("workbooks"), ask_);
  }

  std::optional<http::Reply> write(http::ReplyStream& stream) {
    PieceBody out(stream);
    const std::unique_ptr<RowBody> body = body_of(call_.body, out, ask_.request);
    const GivesBackMemory after;
    const Result<json::object> done = api_.call(call_.command, call_.args, ask_.caller.peer, *body,
                                                [&] { return stream.is_gone(); });
    if (done.has_value()) return finished(body->finish(done.value()));
    if (!out.has_begun()) return failed(done.error(), ask_);
    if (body->finish_with(done.error())) return std::nullopt;
    return failed(done.error(), ask_);
  }

  std::optional<http::Reply> finished(const Status& written) const {
    if (written.has_value()) return std::nullopt;
    return failed(written.error(), ask_);
  }

  const Api& api_;
  const ApiAsk ask_;
  const RowCall call_;
};

void write_event(std::string& out, std::string_view name, const json::object& data) {
  out += "event: " + std::string(name) + "\ndata: " + json::serialize(data) + "\n\n";
}

class EventSink final : public AnswerSink {
 public:
  explicit EventSink(BodyOut& out) : out_(out) {}
  Status progress(const json::object& progress) override {
    std::string text;
    write_event(text, "progress", progress);
    return out_.write(text);
  }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array&) override { return ok(); }
  bool is_gone() const override { return out_.is_gone(); }

 private:
  BodyOut& out_;
};

class GoneSink final : public AnswerSink {
 public:
  explicit GoneSink(http::ReplyStream& stream) : stream_(stream) {}
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array&) override { return ok(); }
  bool is_gone() const override { return stream_.is_gone(); }

 private:
  http::ReplyStream& stream_;
};

class SyncProducer final : public http::Producer {
 public:
  SyncProducer(const Api& api, ApiAsk ask, json::object args)
      : api_(api), ask_(std::move(ask)), args_(std::move(args)) {}

  std::optional<http::Reply> produce(http::ReplyStream& stream) override {
    const auto gone = [&] { return stream.is_gone(); };
    if (ask_.request.form == BodyForm::kEvents) return events(stream, gone);
    GoneSink sink(stream);
    const Result<json::object> done = api_.call("sync", args_, ask_.caller.peer, sink, gone);
    http::Reply reply =
        done.has_value()
            ? http::bytes_reply(200, http::kJsonType, to_bytes(json::serialize(done.value())))
            : failed(done.error(), ask_);
    return reply;
  }

 private:
  std::optional<http::Reply> events(http::ReplyStream& stream, const std::function<bool()>& gone) {
    PieceBody out(stream);
    EventSink sink(out);
    out.begin("text/event-stream", {});
    const Result<json::object> done = api_.call("sync", args_, ask_.caller.peer, sink, gone);
    std::string text;
    if (done.has_value()) {
      write_event(text, "done", done.value());
    } else {
      const Error& error = done.error();
      write_event(text, "error", problem_json(error, status_of(error), ask_.request.language));
    }
    static_cast<void>(out.write(text).has_error());  // then the client has left
    return std::nullopt;
  }

  const Api& api_;
  const ApiAsk ask_;
  const json::object args_;
};

}  // namespace

http::Reply answer_rows(const Api& api, ApiAsk& ask, RowCall call) {
  if (call.in_pieces) {
    return http::stream_reply(std::make_unique<RowProducer>(api, std::move(ask), std::move(call)));
  }
  WholeBody out;
  const std::unique_ptr<RowBody> body = body_of(call.body, out, ask.request);
  const Result<json::object> done =
      api.call(call.command, std::move(call.args), ask.caller.peer, *body, [] { return false; });
  if (done.has_error()) return failed(done.error(), ask);
  const Status written = body->finish(done.value());
  if (written.has_error()) return failed(written.error(), ask);
  return std::move(out).reply();
}

http::Reply answer_sync(const Api& api, ApiAsk& ask, json::object args) {
  return http::stream_reply(std::make_unique<SyncProducer>(api, std::move(ask), std::move(args)));
}

}  // namespace rootlet::agent
