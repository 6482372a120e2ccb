// Batches, forms, patterns and mailbox pages from anywhere: reading never crashes or hangs, and
// what is read can be written and read again. The first byte chooses which.
#include "sync/uplink/exchange/batch.hpp"

#include <zstd.h>

#include <cstdlib>

#include "core/limits.hpp"
#include "sync/uplink/exchange/mailbox.hpp"
#include "sync/uplink/form/form.hpp"

namespace {

using namespace rootlet;

void read_batch(ByteView payload) {
  const Result<ParsedBatch> batch = parse_batch(payload);
  if (batch.has_error()) {
    if (batch.error().code != ErrorCode::kBadInput) std::abort();
    return;
  }
  if (batch.value().items.size() > limits::kBatchRecords) std::abort();
  for (const BatchItem& item : batch.value().items) {
    if (!is_record_id(item.id) || item.record.has_value() != item.flaw.empty()) std::abort();
    if (!item.record) continue;
    const Result<Record> again = parse_record(encode_record(*item.record), "again");
    if (again.has_error()) std::abort();
  }
}

void read_batch_text(ByteView text) {
  Bytes payload(ZSTD_compressBound(text.size()));
  payload.resize(ZSTD_compress(payload.data(), payload.size(), text.data(), text.size(), 1));
  read_batch(payload);
}

// A definition, then a newline, then values.
void read_form(std::string_view text) {
  const std::size_t end = text.find('\n');
  const Result<FormDefinition> form = FormDefinition::parse(text.substr(0, end), "fuzz");
  if (form.has_error()) return;
  if (FormDefinition::parse(form.value().source, "again").has_error()) std::abort();
  if (end == std::string_view::npos) return;
  const Result<json::value> values = parse_json(text.substr(end + 1), "fuzz");
  if (values.has_error() || !values.value().is_object()) return;
  const json::object plain = normalise_values(form.value(), values.value().get_object());
  if (normalise_values(form.value(), plain) != plain) std::abort();
  for (const Violation& each : validate_values(form.value(), plain, {})) {
    if (each.reason.empty() || each.words.zh.empty() || each.words.en.empty()) std::abort();
  }
}

void read_pattern(std::string_view text) {
  const std::size_t end = text.find('\n');
  const Result<Pattern> pattern = Pattern::parse(text.substr(0, end));
  if (pattern.has_error() || end == std::string_view::npos) return;
  (void)pattern.value().matches(text.substr(end + 1));
}

void read_mail_page(std::string_view text) {
  const Result<MailPage> page = parse_mail_page(text);
  if (page.has_error()) {
    if (page.error().code != ErrorCode::kUntrusted) std::abort();
    return;
  }
  if (parse_mail_page(encode_mail_page(page.value())).has_error()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest = ByteView(data, size).subspan(1);
  switch (data[0] % 5) {
    case 0:
      read_batch(rest);
      break;
    case 1:
      read_batch_text(rest);
      break;
    case 2:
      read_form(as_text(rest));
      break;
    case 3:
      read_pattern(as_text(rest));
      break;
    default:
      read_mail_page(as_text(rest));
      break;
  }
  return 0;
}
