#include "agent/sql/child/sql_job.hpp"

#include <array>

#include "core/format/json_values.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kJobBytes = 16 * limits::kMiB;  // ten definitions of 1 MiB, and the rest
constexpr std::string_view kWhat = "SQL job";

constexpr std::array<std::pair<SqlProblem, std::string_view>, 6> kProblems{{
    {SqlProblem::kMistake, "mistake"},
    {SqlProblem::kForbidden, "forbidden"},
    {SqlProblem::kTooLarge, "too_large"},
    {SqlProblem::kMemory, "memory"},
    {SqlProblem::kTime, "time"},
    {SqlProblem::kFile, "file"},
}};

json::value value_json(const SqlValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* text = std::get_if<std::string>(&value)) return json::value(*text);
  return nullptr;
}

SqlValue value_of(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_double()) return value.get_double();
  if (value.is_string()) return std::string(value.get_string());
  return nullptr;
}

json::object table_json(const SqlTable& table) {
  return {{"dataset", table.dataset},
          {"file", table.file.native()},
          {"definition", table.definition},
          {"max_grade", table.right.max_grade},
          {"masked_only", table.right.masked_only},
          {"stored_masks", table.right.stored_masks},
          {"divisions", json_texts(table.right.divisions)}};
}

Result<SqlTable> read_table(const json::value& value) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, kWhat));
  SqlTable table;
  ROOTLET_TRY(table.dataset, object.text("dataset"));
  ROOTLET_TRY(const std::string file, object.text("file"));
  table.file = file;
  ROOTLET_TRY(table.definition, object.text("definition", limits::kDefinitionBytes));
  ROOTLET_TRY(const std::int64_t grade, object.integer("max_grade", 1, 4));
  table.right.max_grade = static_cast<Grade>(grade);
  ROOTLET_TRY(table.right.masked_only, object.boolean("masked_only"));
  ROOTLET_TRY(table.right.stored_masks, object.boolean("stored_masks"));
  ROOTLET_TRY(table.right.divisions, object.texts("divisions", 4096));
  return table;
}

Result<std::vector<SqlParameter>> read_parameters(JsonObject& object) {
  ROOTLET_TRY(const json::array* list, object.array("parameters", limits::kSqlParameters));
  std::vector<SqlParameter> out;
  for (const json::value& value : *list) {
    ROOTLET_TRY(JsonObject one, JsonObject::from(value, kWhat));
    SqlParameter parameter;
    ROOTLET_TRY(parameter.name, one.text("name"));
    const json::value* held = one.find("value");
    if (held != nullptr) parameter.value = value_of(*held);
    out.push_back(std::move(parameter));
  }
  return out;
}

Result<SqlJob> parse_job(std::string_view text) {
  ROOTLET_TRY(const json::value document, parse_json(text, kWhat));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, kWhat));
  SqlJob job;
  ROOTLET_TRY(job.sql, object.text("sql", limits::kSqlBytes));
  ROOTLET_TRY(job.parameters, read_parameters(object));
  ROOTLET_TRY(const json::array* tables, object.array("tables", limits::kSqlTables));
  for (const json::value& value : *tables) {
    ROOTLET_TRY(SqlTable table, read_table(value));
    job.tables.push_back(std::move(table));
  }
  ROOTLET_TRY(const std::int64_t rows, object.integer("rows", 1, INT64_MAX));
  ROOTLET_TRY(const std::int64_t bytes, object.integer("answer_bytes", 1, INT64_MAX));
  ROOTLET_TRY(const std::int64_t time, object.integer("time_ms", 1, INT32_MAX));
  ROOTLET_TRY(const std::int64_t memory, object.integer("memory_bytes", 0, INT64_MAX));
  job.rows = static_cast<std::uint64_t>(rows);
  job.answer_bytes = static_cast<std::uint64_t>(bytes);
  job.processor_time = std::chrono::milliseconds(time);
  job.memory_bytes = static_cast<std::uint64_t>(memory);
  return job;
}

}  // namespace

Bytes encode_job(const SqlJob& job) {
  json::array parameters, tables;
  for (const SqlParameter& parameter : job.parameters) {
    parameters.push_back(
        json::object{{"name", parameter.name}, {"value", value_json(parameter.value)}});
  }
  for (const SqlTable& table : job.tables) tables.push_back(table_json(table));
  const std::string text =
      json::serialize(json::object{{"sql", job.sql},
                                   {"parameters", std::move(parameters)},
                                   {"tables", std::move(tables)},
                                   {"rows", json_count(job.rows)},
                                   {"answer_bytes", json_count(job.answer_bytes)},
                                   {"time_ms", job.processor_time.count()},
                                   {"memory_bytes", json_count(job.memory_bytes)}});
  ByteWriter writer;
  writer.u32(static_cast<std::uint32_t>(text.size()));
  writer.raw(as_bytes(text));
  for (const SqlTable& table : job.tables) writer.raw(table.key.expose());
  return writer.take();
}

Result<SqlJob> read_job(const std::function<Result<std::size_t>(std::span<std::uint8_t>)>& read) {
  const auto fill = [&](std::span<std::uint8_t> space) -> Status {
    while (!space.empty()) {
      ROOTLET_TRY(const std::size_t count, read(space));
      if (count == 0) return fail(ErrorCode::kInternal, "SQL job: cut off");
      space = space.subspan(count);
    }
    return ok();
  };
  std::array<std::uint8_t, 4> head{};
  ROOTLET_TRY(fill(head));
  ByteReader reader(head, kWhat);
  ROOTLET_TRY(const std::uint32_t size, reader.u32());
  if (size > kJobBytes) return fail(ErrorCode::kInternal, "SQL job: too long");
  std::string text(size, '\0');
  ROOTLET_TRY(fill({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  ROOTLET_TRY(SqlJob job, parse_job(text));
  for (SqlTable& table : job.tables) {
    ROOTLET_TRY(fill(table.key.expose_mutable()));
  }
  return job;
}

Bytes encode_streams(const std::vector<HeldStream>& streams) {
  ByteWriter writer;
  writer.varint(streams.size());
  for (const HeldStream& stream : streams) {
    writer.sized(as_bytes(stream.partition));
    writer.varint(stream.version);
    writer.zigzag(stream.as_of.time_since_epoch().count());
    writer.varint(stream.rows);
    writer.u8(stream.state == StreamState::kDamaged ? 1 : 0);
  }
  return writer.take();
}

Result<std::vector<HeldStream>> read_streams(ByteView bytes) {
  ByteReader reader(bytes, "SQL answer");
  std::vector<HeldStream> streams;
  ROOTLET_TRY(const std::uint64_t count, reader.varint_up_to(limits::kStreamsPerDataset));
  for (std::uint64_t i = 0; i < count; ++i) {
    HeldStream stream;
    ROOTLET_TRY(const ByteView partition, reader.sized(limits::kNameBytes));
    stream.partition = std::string(as_text(partition));
    ROOTLET_TRY(stream.version, reader.varint());
    ROOTLET_TRY(const std::int64_t as_of, reader.zigzag());
    stream.as_of = UnixTime(std::chrono::seconds(as_of));
    ROOTLET_TRY(stream.rows, reader.varint());
    ROOTLET_TRY(const std::uint8_t damaged, reader.u8());
    stream.state = damaged != 0 ? StreamState::kDamaged : StreamState::kGood;
    streams.push_back(std::move(stream));
  }
  ROOTLET_TRY(reader.expect_end());
  return streams;
}

std::string_view name_of(SqlProblem problem) {
  for (const auto& [one, name] : kProblems) {
    if (one == problem) return name;
  }
  return "mistake";
}

SqlProblem sql_problem_named(std::string_view name) {
  for (const auto& [problem, one] : kProblems) {
    if (one == name) return problem;
  }
  return SqlProblem::kMistake;
}

}  // namespace rootlet::agent
