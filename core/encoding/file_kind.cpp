// The signatures of files that are not text, and what to do with each.
#include "core/encoding/file_kind.hpp"

#include <algorithm>
#include <array>

namespace rootlet {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  FileKind kind;
};

// UTF-32 before UTF-16, whose mark it begins with.
constexpr std::array kSignatures = {
    Signature{"\xEF\xBB\xBF"sv, FileKind::kUtf8Mark},
    Signature{"\xFF\xFE\0\0"sv, FileKind::kUtf32},
    Signature{"\0\0\xFE\xFF"sv, FileKind::kUtf32},
    Signature{"\xFF\xFE"sv, FileKind::kUtf16LeMark},
    Signature{"\xFE\xFF"sv, FileKind::kUtf16BeMark},
    Signature{"PK\x03\x04"sv, FileKind::kArchive},
    Signature{"PK\x05\x06"sv, FileKind::kArchive},
    Signature{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, FileKind::kOldWorkbook},
    Signature{"%PDF-"sv, FileKind::kPdf},
    Signature{"\x1F\x8B"sv, FileKind::kArchive},
    Signature{"7z\xBC\xAF\x27\x1C"sv, FileKind::kArchive},
    Signature{"Rar!\x1A\x07"sv, FileKind::kArchive},
    Signature{"\x28\xB5\x2F\xFD"sv, FileKind::kArchive},
    Signature{"\xFD"
              "7zXZ\0"sv,
              FileKind::kArchive},
    Signature{"\x89PNG\r\n\x1A\n"sv, FileKind::kPicture},
    Signature{"\xFF\xD8\xFF"sv, FileKind::kPicture},
    Signature{"GIF8"sv, FileKind::kPicture},
    Signature{"SQLite format 3\0"sv, FileKind::kDatabase},
};

struct Words {
  FileKind kind;
  std::string_view en, zh;
  std::string_view remedy_en, remedy_zh;
};

constexpr std::string_view kSaveCsvEn = "Open it and save it as \"CSV UTF-8 (comma delimited)\".";
constexpr std::string_view kSaveCsvZh = "请打开它，另存为“CSV UTF-8（逗号分隔）”。";
constexpr std::string_view kSaveUtf8En = "Save it again with the encoding UTF-8.";
constexpr std::string_view kSaveUtf8Zh = "请以 UTF-8 编码重新保存。";
constexpr std::string_view kOtherFileEn = "Give the text file itself.";
constexpr std::string_view kOtherFileZh = "请提供文本文件本身。";

constexpr std::array kWords = {
    Words{FileKind::kUtf16Le, "UTF-16 text without a byte order mark",
          "没有字节顺序标记的 UTF-16 文本", kSaveUtf8En, kSaveUtf8Zh},
    Words{FileKind::kUtf16Be, "UTF-16 text without a byte order mark",
          "没有字节顺序标记的 UTF-16 文本", kSaveUtf8En, kSaveUtf8Zh},
    Words{FileKind::kUtf32, "UTF-32 text", "UTF-32 文本", kSaveUtf8En, kSaveUtf8Zh},
    Words{FileKind::kWorkbook, "an Excel workbook (.xlsx)", "Excel 工作簿（.xlsx）", kSaveCsvEn,
          kSaveCsvZh},
    Words{FileKind::kOldWorkbook, "an old Excel or Word file (.xls, .et, .doc)",
          "旧版 Excel、WPS 或 Word 文件（.xls、.et、.doc）", kSaveCsvEn, kSaveCsvZh},
    Words{FileKind::kOpenSheet, "an OpenDocument file (.ods, .odt)",
          "OpenDocument 文件（.ods、.odt）", kSaveCsvEn, kSaveCsvZh},
    Words{FileKind::kWordDocument, "a Word or other Office file", "Word 等 Office 文件",
          kOtherFileEn, kOtherFileZh},
    Words{FileKind::kArchive, "a compressed archive", "压缩文件",
          "Unpack it and give the text file inside.", "请先解压，再提供其中的文本文件。"},
    Words{FileKind::kPdf, "a PDF document", "PDF 文档", kOtherFileEn, kOtherFileZh},
    Words{FileKind::kPicture, "a picture", "图片", kOtherFileEn, kOtherFileZh},
    Words{FileKind::kDatabase, "an SQLite database", "SQLite 数据库", kOtherFileEn, kOtherFileZh},
    Words{FileKind::kWebPage, "an HTML or XML page", "HTML 或 XML 页面",
          "Some systems export such pages under the names .xls or .csv: open it in a spreadsheet "
          "and save it as \"CSV UTF-8 (comma delimited)\".",
          "有些系统会把此类页面导出为 .xls 或 .csv：请用电子表格软件打开，另存为“CSV "
          "UTF-8（逗号分隔）”。"},
};

// The folders inside tell what an archive in the ZIP format holds.
FileKind kind_of_zip(std::string_view beginning) {
  const auto holds = [&](std::string_view name) { return beginning.find(name) != name.npos; };
  if (holds("xl/") || holds("xl\\")) return FileKind::kWorkbook;
  if (holds("application/vnd.oasis.opendocument")) return FileKind::kOpenSheet;
  if (holds("word/") || holds("ppt/")) return FileKind::kWordDocument;
  // Excel writes this list first, and its own folder may come after the beginning.
  return holds("[Content_Types].xml") ? FileKind::kWorkbook : FileKind::kArchive;
}

// ASCII characters of UTF-16 have a NUL on one and the same side; text has no other NUL.
FileKind kind_by_nuls(std::string_view beginning) {
  constexpr std::size_t kLeastNuls = 2, kLeastShare = 16;
  std::size_t even = 0, odd = 0;
  for (std::size_t i = 0; i < beginning.size(); ++i) {
    if (beginning[i] == '\0') ++(i % 2 == 0 ? even : odd);
  }
  const std::size_t all = even + odd;
  if (all < kLeastNuls || all * kLeastShare < beginning.size()) return FileKind::kText;
  if (even == 0) return FileKind::kUtf16Le;
  return odd == 0 ? FileKind::kUtf16Be : FileKind::kText;
}

bool is_web_page(std::string_view beginning) {
  const std::size_t first = beginning.find_first_not_of(" \t\r\n");
  if (first == beginning.npos) return false;
  std::string start(beginning.substr(first, 16));
  std::transform(start.begin(), start.end(), start.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::array kTags = {"<!doctype"sv, "<html"sv, "<?xml"sv, "<table"sv,
                                "<meta"sv,     "<head"sv, "<body"sv};
  return std::any_of(kTags.begin(), kTags.end(), [&](auto tag) { return start.starts_with(tag); });
}

}  // namespace

FileKind kind_of_file(std::string_view beginning) {
  for (const Signature& signature : kSignatures) {
    if (!beginning.starts_with(signature.bytes)) continue;
    const bool is_zip = beginning.starts_with("PK");
    if (is_zip) return kind_of_zip(beginning);
    if (signature.kind == FileKind::kUtf8Mark && is_web_page(beginning.substr(3))) break;
    return signature.kind;
  }
  if (is_web_page(beginning.starts_with("\xEF\xBB\xBF") ? beginning.substr(3) : beginning)) {
    return FileKind::kWebPage;
  }
  return kind_by_nuls(beginning);
}

std::size_t mark_bytes(FileKind kind) {
  if (kind == FileKind::kUtf8Mark) return 3;
  return kind == FileKind::kUtf16LeMark || kind == FileKind::kUtf16BeMark ? 2 : 0;
}

Error not_text(FileKind kind, std::string_view what) {
  const auto words = std::find_if(kWords.begin(), kWords.end(),
                                  [&](const Words& one) { return one.kind == kind; });
  if (words == kWords.end())
    return bad_input(std::string(what) + ": is not text", std::string(what));
  return bad_input(std::string(what) + ": this is " + std::string(words->en) + ", not UTF-8 text",
                   std::string(what),
                   {.en = std::string(words->remedy_en),
                    .zh = "这是" + std::string(words->zh) + "，不是 UTF-8 文本。" +
                          std::string(words->remedy_zh)});
}

}  // namespace rootlet
