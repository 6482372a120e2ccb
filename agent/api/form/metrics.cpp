#include "agent/api/form/metrics.hpp"

#include <unistd.h>

#include <fstream>

#include "core/clock.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

class Writer {
 public:
  // Begins a metric; add() writes its samples.
  Writer& metric(std::string_view name, std::string_view kind, std::string_view help) {
    name_ = "rootlet_" + std::string(name);
    text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " +
             std::string(kind) + "\n";
    return *this;
  }
  Writer& add(std::int64_t value, const std::string& labels = "") {
    text_ +=
        name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + std::to_string(value) + "\n";
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string name_, text_;
};

std::int64_t unix_time(const json::object& object, std::string_view key) {
  const Result<UnixTime> time = parse_time(text_at(object, key));
  return time.has_value() ? time.value().time_since_epoch().count() : 0;
}

void add_datasets(Writer& out, const json::array& datasets) {
  const auto each = [&](auto value) {
    for (const json::value& one : datasets) {
      const json::object& dataset = one.get_object();
      out.add(value(dataset), "dataset=" + in_quotes(text_at(dataset, "id")));
    }
  };
  out.metric("dataset_rows", "gauge", "Rows held of a dataset.");
  each([](const json::object& one) { return integer_at(one, "rows"); });
  out.metric("dataset_stale", "gauge", "1 if a dataset is stale or a stream is behind.");
  each([](const json::object& one) { return boolean_at(one, "stale") ? 1 : 0; });
  out.metric("dataset_as_of_seconds", "gauge", "When the held version was published, Unix time.");
  each([](const json::object& one) { return unix_time(one, "as_of"); });
  out.metric("dataset_lease_until_seconds", "gauge", "When the lease ends, Unix time.");
  each([](const json::object& one) { return unix_time(one, "lease_until"); });
}

void add_outbox(Writer& out, const json::object& outbox) {
  out.metric("outbox_records", "gauge", "Records of the outbox by state.");
  for (const char* state : {"draft", "saved", "sealed", "received", "accepted", "returned"}) {
    out.add(integer_at(outbox, state), "state=" + in_quotes(state));
  }
}

void add_sync(Writer& out, const json::object& status) {
  const json::object& last = object_at(status, "last_sync");
  out.metric("last_contact_seconds", "gauge", "Last contact with the platform, Unix time.")
      .add(unix_time(status, "contact"));
  out.metric("last_sync_seconds", "gauge", "When the last cycle ended, Unix time.")
      .add(unix_time(last, "at"));
  out.metric("last_sync_bytes", "gauge", "Bytes of the last cycle.")
      .add(integer_at(last, "bytes_down"), "direction=\"down\"")
      .add(integer_at(last, "bytes_up"), "direction=\"up\"");
  out.metric("trust_fresh", "gauge", "1 if the signed metadata has not expired.")
      .add(boolean_at(object_at(status, "trust"), "fresh") ? 1 : 0);
}

}  // namespace

std::string metrics_text(const json::object& status, const ApiFigures& figures) {
  Writer out;
  out.metric("info", "gauge", "Version of the agent.")
      .add(1, "version=" + in_quotes(ROOTLET_VERSION));
  out.metric("enrolled", "gauge", "1 if the machine belongs to an office.")
      .add(text_at(status, "state") == "enrolled" ? 1 : 0);
  if (!object_at(status, "office").empty()) {
    add_sync(out, status);
    add_datasets(out, array_at(status, "datasets"));
    add_outbox(out, object_at(status, "outbox"));
    const json::object& disk = object_at(status, "disk");
    out.metric("home_bytes", "gauge", "Bytes of the agent's home.")
        .add(integer_at(disk, "home_bytes"));
    out.metric("disk_free_bytes", "gauge", "Free bytes of its disk.")
        .add(integer_at(disk, "free_bytes"));
  }
  out.metric("api_requests_total", "counter", "Requests to the local API.")
      .add(json_count(figures.requests));
  out.metric("api_refusals_total", "counter", "Requests refused for their origin or session.")
      .add(figures.refusals);
  out.metric("console_sessions", "gauge", "Open sessions of the console.")
      .add(json_count(figures.sessions));
  out.metric("resident_bytes", "gauge", "Resident memory of the agent.")
      .add(json_count(figures.resident_bytes));
  return out.take();
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace rootlet::agent
