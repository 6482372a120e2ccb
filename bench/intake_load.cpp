// What the intake does on a database, without offices and gateways: sealed batches are put into the
// inbox as the gateway does it, then validated as the worker does it. Several `work` may run at
// once.
//
//   bench_intake_load fill FOLDER ADDRESS OFFICES BATCHES RECORDS     batches of each office,
//   records of each bench_intake_load work FOLDER ADDRESS                             ADDRESS "" is
//   SQLite in FOLDER
#include <iostream>
#include <span>
#include <thread>

#include "bench/tool.hpp"
#include "platform/intake/intake.hpp"
#include "sync/trust/office/envelope.hpp"
#include "sync/uplink/exchange/record.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using bench::must;

namespace {

constexpr std::string_view kRealm = "00112233445566ff";
constexpr std::string_view kForm = R"json({
  "id": "visit", "version": 1, "title": "Visit", "purpose": "p", "basis": "b", "unit": "u",
  "contact": "c", "retention_days": 30,
  "fields": [
    {"name": "name", "type": "text", "required": true, "max_length": 100},
    {"name": "village", "type": "text", "max_length": 20},
    {"name": "people", "type": "integer", "min": 0, "max": 100},
    {"name": "visited", "type": "date"},
    {"name": "note", "type": "text", "max_length": 400}]})json";

// Keys follow from a number, so that each process has them.
SymmetricKey secret(std::uint32_t number, std::uint8_t use) {
  SymmetricKey key;
  for (std::size_t i = 0; i < 4; ++i) {
    key.expose_mutable()[i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  key.expose_mutable()[4] = use;
  return key;
}

class Directories final : public OfficeDirectory, public FormDirectory {
 public:
  Result<std::optional<OfficeKeys>> find_office(const std::string& office) override {
    const auto number = static_cast<std::uint32_t>(std::stoul(office.substr(1)));
    ROOTLET_TRY(const SealingKey sealing, SealingKey::from_secret(secret(number, 2)));
    return std::optional(
        OfficeKeys{.signing_key = SigningKey::from_seed(secret(number, 1)).public_key,
                   .sealing_key = sealing.public_key});
  }
  Result<std::optional<FormDefinition>> find_form(const std::string&, int) override {
    ROOTLET_TRY(FormDefinition form, FormDefinition::parse(kForm, "form"));
    return std::optional(std::move(form));
  }
};

struct Bench {
  Bench(const std::filesystem::path& folder, const std::string& address, bool gateway_only)
      : intake(must(Intake::open(
            {.inbox = {folder / "inbox.db", &file_key, address},
             .records = gateway_only
                            ? std::nullopt
                            : std::optional(StorePlace{folder / "records.db", &file_key, address})},
            {.realm = std::string(kRealm),
             .receipt_key = &signing,
             .judgement_key = &signing,
             .ingest_keys = std::span(&ingest, 1)},
            {.office_bytes_per_hour = INT64_MAX}))) {}

  SymmetricKey file_key;
  SigningKey signing = SigningKey::from_seed(secret(0, 3));
  SealingKey ingest = must(SealingKey::from_secret(secret(0, 4)));
  Directories directories;
  Intake intake;
};

BatchContent batch_of(const std::string& office, std::uint64_t sequence, int records,
                      UnixTime now) {
  BatchContent content{
      .office = office, .chain = "0011223344556677", .sequence = sequence, .records = {}};
  for (int i = 0; i < records; ++i) {
    Record record{.id = new_record_id(), .form = "visit", .at = now};
    record.values = {
        {"name", "王小明"},
        {"village", std::to_string(330402001001 + i)},
        {"people", i % 9},
        {"visited", "2026-11-20"},
        {"note", "第" + std::to_string(sequence * 1000 + static_cast<std::uint64_t>(i)) +
                     "户，已核对住址与电话"}};
    content.records.push_back(std::move(record));
  }
  return content;
}

int fill(Bench& bench, std::uint32_t offices, int batches, int records) {
  const UnixTime now = system_clock().wall();
  std::vector<std::vector<Bytes>> sealed(offices);
  for (std::uint32_t number = 0; number < offices; ++number) {
    const std::string office = "o" + std::to_string(number);
    const SigningKey key = SigningKey::from_seed(secret(number, 1));
    Hash256 previous{};
    for (int i = 1; i <= batches; ++i) {
      const BatchContent content = batch_of(office, static_cast<std::uint64_t>(i), records, now);
      const EnvelopeHeader header{.type = "batch",
                                  .realm = std::string(kRealm),
                                  .from = office,
                                  .to = "platform",
                                  .chain = content.chain,
                                  .sequence = content.sequence,
                                  .previous = previous};
      sealed[number].push_back(
          seal_envelope(header, encode_batch(content), key, bench.ingest.public_key));
      previous = envelope_hash(sealed[number].back());
    }
  }
  const bench::Timer timer;
  for (int i = 0; i < batches; ++i) {
    for (const std::vector<Bytes>& of_office : sealed) {
      const GatewayAnswer answer =
          bench.intake.accept_batch(of_office[static_cast<std::size_t>(i)], bench.directories, now);
      if (answer.status != 200) bench::die(answer.body);
    }
  }
  const double seconds = timer.seconds();
  bench::print(json::object{{"batches", static_cast<std::int64_t>(offices) * batches},
                            {"seconds", seconds}});
  return 0;
}

int work(Bench& bench) {
  const bench::Timer timer;
  ValidationReport total;
  while (must(bench.intake.has_waiting())) {
    const ValidationReport some = must(
        bench.intake.validate_pending(bench.directories, bench.directories, system_clock().wall()));
    total.accepted += some.accepted;
    total.batches += some.batches;
    // Another worker has what waits.
    if (some.batches == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  bench::print(json::object{
      {"records", total.accepted}, {"batches", total.batches}, {"seconds", timer.seconds()}});
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  initialise_crypto();
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 6 && words[0] == "fill") {
    Bench bench(words[1], words[2], true);
    return fill(bench, static_cast<std::uint32_t>(std::stoul(words[3])), std::stoi(words[4]),
                std::stoi(words[5]));
  }
  if (words.size() == 3 && words[0] == "work") {
    Bench bench(words[1], words[2], false);
    return work(bench);
  }
  std::cerr << "usage: bench_intake_load fill FOLDER ADDRESS OFFICES BATCHES RECORDS | work FOLDER "
               "ADDRESS\n";
  return 2;
}
