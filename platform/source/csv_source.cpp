// A CSV file from anywhere, as UTF-8.
#include "platform/source/csv_source.hpp"

#include <algorithm>
#include <atomic>

#include "core/encoding/text_file.hpp"
#include "platform/source/text_rows.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kStandardInput = "-";

Text cut_notice(const std::string& name, std::uint64_t at) {
  const std::string line = std::to_string(at);
  return {.en = name + ": line " + line +
                ", the last, has no line end. If the file was cut, rows are missing.",
          .zh = name + "：末行（第 " + line + " 行）没有换行符。如果文件被截断，会缺少数据。"};
}

// Why a file has no header: nothing, next to nothing, or blank lines.
Error no_header(const std::string& name, std::uint64_t bytes, std::uint64_t characters) {
  if (bytes == 0) return bad_input(name + ": the file is empty (0 bytes)", name);
  if (characters == 0) {
    return bad_input(name + ": the file is empty but for a byte order mark", name);
  }
  return bad_input(name + ": line 1: the file has only blank lines, no header", "line 1");
}

class CsvFileSource final : public RowSource {
 public:
  CsvFileSource(const std::filesystem::path& path, TextSource file, CsvOptions options)
      : path_(path),
        name_(path == kStandardInput ? "standard input" : path.filename().string()),
        file_(std::move(file)),
        options_(std::move(options)) {}

  const std::string& name() const override { return name_; }

  Result<SourceColumns> begin(const SourceSetup& setup) override {
    std::error_code ignored;
    const std::uintmax_t size = std::filesystem::file_size(path_, ignored);
    const std::uint64_t bytes_all = ignored ? 0 : size;
    const auto progress = [this, bytes_all, progress = setup.progress](std::uint64_t characters) {
      characters_ = characters;
      if (progress) progress(std::min(bytes_read_.load(), bytes_all), bytes_all);
    };
    rows_.emplace(text(), name_, setup,
                  TextRowsOptions{.delimiter = options_.delimiter,
                                  .may_be_export = true,
                                  .progress = progress,
                                  .on_open_end = [this](std::uint64_t line) {
                                    notify(cut_notice(name_, line));
                                  }});
    ROOTLET_TRY(std::optional<SourceColumns> columns, rows_->begin());
    if (!columns) return no_header(name_, bytes_read_, characters_);
    return std::move(*columns);
  }

  std::optional<SourceBatch> next() override { return rows_->next(); }
  void end() override {
    if (rows_) rows_->end();
  }
  void set_fingerprints(SourceTable& table) override { rows_->set_fingerprints(table); }

 private:
  // The file as UTF-8. Its bytes are counted before they are decoded.
  TextSource text() {
    const auto counted = [this](std::span<char> space) -> Result<std::size_t> {
      ROOTLET_TRY(const std::size_t bytes, file_(space));
      bytes_read_ += bytes;
      return bytes;
    };
    return utf8_source(counted, name_,
                       {.encoding = options_.encoding, .on_conversion = [this](TextEncoding from) {
                          notify(conversion_notice(from, name_));
                        }});
  }
  void notify(const Text& notice) const {
    if (options_.notice) options_.notice(notice);
  }

  std::filesystem::path path_;
  std::string name_;
  TextSource file_;
  CsvOptions options_;
  std::atomic<std::uint64_t> bytes_read_ = 0;
  std::uint64_t characters_ = 0;  // bytes of UTF-8
  std::optional<TextRows> rows_;
};

}  // namespace

std::optional<char> delimiter_named(std::string_view name) {
  if (name == "comma") return ',';
  if (name == "tab") return '\t';
  if (name == "semicolon") return ';';
  return std::nullopt;
}

Result<std::unique_ptr<RowSource>> open_csv_source(const std::filesystem::path& path,
                                                   CsvOptions options) {
  TextSource file = input_bytes();
  if (path != kStandardInput) {
    ROOTLET_TRY(file, open_bytes(path));
  }
  return std::unique_ptr<RowSource>(
      std::make_unique<CsvFileSource>(path, std::move(file), std::move(options)));
}

SourceOpener csv_file(std::filesystem::path path, CsvOptions options) {
  return [path = std::move(path), options = std::move(options)] {
    return open_csv_source(path, options);
  };
}

}  // namespace rootlet::platform
