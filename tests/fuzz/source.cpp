// Lines of JSON and control totals from the owners of data: reading never crashes, and refuses as
// bad input. The first byte chooses.
#include <cstdlib>
#include <fstream>

#include "platform/source/control.hpp"
#include "platform/source/kinds/open_source.hpp"
#include "platform/source/read_source.hpp"
#include "tests/support/support.hpp"

namespace {

using namespace rootlet;
using namespace rootlet::platform;

constexpr std::string_view kDefinition = R"({
  "id": "people", "title": "People",
  "provider": {"code": "11X", "name": "Unit"}, "format": "table", "update": "daily",
  "sharing": {"attribute": "unconditional"}, "grade": "general",
  "division": {"column": "code", "digits": 2},
  "columns": [{"name": "id", "type": "integer", "key": true}, {"name": "code", "type": "text"},
              {"name": "born", "type": "date"}, {"name": "cared", "type": "boolean"}]})";

const DatasetDefinition& dataset() {
  static const DatasetDefinition kDataset =
      test::must(DatasetDefinition::parse(kDefinition, "people.json"));
  return kDataset;
}

void read_lines(ByteView bytes) {
  static const test::TempDir kFolder;
  const std::filesystem::path path = kFolder / "a.jsonl";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  SourceAddress address;
  address.kind = SourceKind::kJsonl;
  address.place = path;
  const auto source = open_source(address);
  if (source.has_error()) std::abort();
  const Result<SourceTable> table = read_whole_source(dataset(), *source.value());
  if (table.has_error() && table.error().code != ErrorCode::kBadInput) std::abort();
}

void read_totals(std::string_view text) {
  Result<Control> control = Control::parse(text, dataset(), "fuzz");
  if (control.has_error()) {
    if (control.error().code != ErrorCode::kBadInput) std::abort();
    return;
  }
  const std::string_view row[] = {"-12", "3304", "2001-02-03", "true"};
  control.value().add(row);
  if (control.value().totals().empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest = ByteView(data, size).subspan(1);
  if (data[0] % 2 == 0) {
    read_lines(rest);
  } else {
    read_totals(as_text(rest));
  }
  return 0;
}
