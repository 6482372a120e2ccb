// Where the text of an answer goes: whole in memory, so that its end can decide its status and
// fields, or piece by piece while it is made.
#pragma once

#include <string>
#include <vector>

#include "sync/wire/server/reply.hpp"

namespace rootlet::agent {

class BodyOut {
 public:
  virtual ~BodyOut() = default;
  // Before the first write(), once.
  virtual void begin(std::string_view content_type, std::vector<http::Field> fields) = 0;
  virtual Status write(std::string_view text) = 0;  // an error if nobody will read the rest
  // A field that is known only at the end; lost if the head was sent already.
  virtual void add_field(http::Field field) = 0;
  virtual bool has_begun() const = 0;
  virtual bool is_gone() const = 0;
};

class WholeBody final : public BodyOut {
 public:
  void begin(std::string_view content_type, std::vector<http::Field> fields) override {
    content_type_ = content_type;
    fields_ = std::move(fields);
  }
  Status write(std::string_view text) override {
    text_ += text;
    return ok();
  }
  void add_field(http::Field field) override { fields_.push_back(std::move(field)); }
  bool has_begun() const override { return !content_type_.empty(); }
  bool is_gone() const override { return false; }

  http::Reply reply() && {
    http::Reply out = http::bytes_reply(200, content_type_, to_bytes(text_));
    for (http::Field& field : fields_) out.fields.push_back(std::move(field));
    return out;
  }

 private:
  std::string content_type_, text_;
  std::vector<http::Field> fields_;
};

class PieceBody final : public BodyOut {
 public:
  explicit PieceBody(http::ReplyStream& stream) : stream_(stream) {}
  void begin(std::string_view content_type, std::vector<http::Field> fields) override {
    http::Reply head{
        .fields = {{"Content-Type", std::string(content_type)}, {"Cache-Control", "no-store"}}};
    for (http::Field& field : fields) head.fields.push_back(std::move(field));
    has_begun_ = true;
    stream_.begin(std::move(head));
  }
  Status write(std::string_view text) override {
    if (stream_.write(as_bytes(text))) return ok();
    return fail(ErrorCode::kUnreachable, "the client has left");
  }
  void add_field(http::Field) override {}
  bool has_begun() const override { return has_begun_; }
  bool is_gone() const override { return stream_.is_gone(); }

 private:
  http::ReplyStream& stream_;
  bool has_begun_ = false;
};

}  // namespace rootlet::agent
