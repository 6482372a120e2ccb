// ZIP archives made by hand, for what no spreadsheet writes; and workbooks of given parts.
#pragma once

#include <zlib.h>

#include <map>

#include "core/file/file.hpp"
#include "core/limits.hpp"
#include "core/sheet/sheet.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

struct ZipPart {
  std::string name, content;
  bool packed = false;
};

inline std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

inline std::string deflated(const std::string& content) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

// APPNOTE.TXT 4.3: local headers with their data, the central directory, its end.
inline std::string zip_of(const std::vector<ZipPart>& parts) {
  std::string out, directory;
  for (const ZipPart& part : parts) {
    const std::string data = part.packed ? deflated(part.content) : part.content;
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(part.content.data()),
                             static_cast<uInt>(part.content.size()));
    const std::string common = little(20, 2) + little(0, 2) + little(part.packed ? 8 : 0, 2) +
                               little(0, 2) + little(0x21, 2) + little(crc, 4) +
                               little(data.size(), 4) + little(part.content.size(), 4) +
                               little(part.name.size(), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(20, 2) + common + little(0, 2) + little(0, 2) +
                 little(0, 2) + little(0, 4) + little(out.size(), 4) + part.name;
    out += "PK\x03\x04" + common + part.name + data;
  }
  const std::size_t start = out.size();
  return out + directory + "PK\x05\x06" + little(0, 4) + little(parts.size(), 2) +
         little(parts.size(), 2) + little(directory.size(), 4) + little(start, 4) + little(0, 2);
}

inline const std::string kXml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
inline const std::string kMain = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
inline const std::string kDocument =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

inline std::string relations(const std::string& list) {
  return kXml +
         "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
         "relationships\">" +
         list + "</Relationships>";
}

// A workbook's parts by their names; change one, then take zip().
struct BookParts {
  std::map<std::string, std::string> parts = {
      {"[Content_Types].xml",
       kXml + "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"},
      {"_rels/.rels", relations("<Relationship Id=\"rId1\" Type=\"" + kDocument +
                                "/officeDocument\" Target=\"xl/workbook.xml\"/>")},
      {"xl/workbook.xml", kXml + "<workbook xmlns=\"" + kMain + "\" xmlns:r=\"" + kDocument +
                              "\"><sheets><sheet name=\"名单\" sheetId=\"1\" r:id=\"rId1\"/>"
                              "</sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels", relations("<Relationship Id=\"rId1\" Type=\"" + kDocument +
                                               "/worksheet\" Target=\"worksheets/sheet1.xml\"/>")},
  };
  bool packed = true;

  // Rows of the only sheet, as the XML inside <sheetData>.
  BookParts& rows(const std::string& xml) {
    parts["xl/worksheets/sheet1.xml"] =
        kXml + "<worksheet xmlns=\"" + kMain + "\"><sheetData>" + xml + "</sheetData></worksheet>";
    return *this;
  }
  // Shared texts, as the XML inside <sst>.
  BookParts& strings(const std::string& xml) {
    add_relation("sharedStrings", "/xl/sharedStrings.xml");
    parts["xl/sharedStrings.xml"] = kXml + "<sst xmlns=\"" + kMain + "\">" + xml + "</sst>";
    return *this;
  }
  BookParts& styles(const std::string& xml) {
    add_relation("styles", "styles.xml");
    parts["xl/styles.xml"] = kXml + "<styleSheet xmlns=\"" + kMain + "\">" + xml + "</styleSheet>";
    return *this;
  }
  void add_relation(const std::string& type, const std::string& target) {
    std::string& text = parts["xl/_rels/workbook.xml.rels"];
    text.insert(text.find("</Relationships>"), "<Relationship Id=\"" + type + "\" Type=\"" +
                                                   kDocument + "/" + type + "\" Target=\"" +
                                                   target + "\"/>");
  }
  std::string zip() const {
    std::vector<ZipPart> list;
    for (const auto& [name, content] : parts) list.push_back({name, content, packed});
    return zip_of(list);
  }
};

using Table = std::vector<std::vector<std::string>>;

inline Result<Table> try_read(const std::string& bytes, std::string_view name = {}) {
  ROOTLET_TRY(Sheet sheet, Sheet::open(as_bytes(bytes), "file", name));
  Table out;
  for (SheetRow row;;) {
    ROOTLET_TRY(const bool more, sheet.next(row));
    if (!more) return out;
    out.push_back(row.cells);
  }
}

inline Table read(const std::string& bytes, std::string_view name = {}) {
  return must(try_read(bytes, name));
}

// The error of reading it.
inline Error refusal(const std::string& bytes) {
  const Result<Table> read = try_read(bytes);
  REQUIRE(read.has_error());
  return read.error();
}

}  // namespace rootlet::test
