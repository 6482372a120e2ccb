// Workbooks as a spreadsheet program saves them, written and read without one: a zip file of a few XML files.
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

const kHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const kMain = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const kOffice = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const kPackage = "http://schemas.openxmlformats.org/package/2006";
const kDayStyle = 1; // of kStyles
const kStyles = `<styleSheet ${kMain}><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`;

const escaped = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;");
const letters = (at) => (at < 26 ? String.fromCharCode(65 + at) : letters(Math.floor(at / 26) - 1) + letters(at % 26));
const serialOf = (date) => Math.round((date.getTime() - Date.UTC(1899, 11, 30)) / 86_400_000);

function cell(value, column, line) {
  const at = `${letters(column)}${line}`;
  if (value === "" || value === null || value === undefined) return "";
  if (typeof value === "number") return `<c r="${at}"><v>${value}</v></c>`;
  if (value instanceof Date) return `<c r="${at}" s="${kDayStyle}"><v>${serialOf(value)}</v></c>`;
  return `<c r="${at}" t="inlineStr"><is><t>${escaped(value)}</t></is></c>`;
}

// `rows` are lists of texts, numbers and dates; an empty list is an empty line.
export function workbookOf(rows) {
  const lines = rows.map((row, at) => (row.length === 0 ? "" : `<row r="${at + 1}">${row.map((value, column) => cell(value, column, at + 1)).join("")}</row>`));
  return zipOf({
    "[Content_Types].xml": `${kHead}<Types xmlns="${kPackage}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`,
    "_rels/.rels": `${kHead}<Relationships xmlns="${kPackage}/relationships"><Relationship Id="rId1" Type="${kOffice}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `${kHead}<workbook ${kMain} xmlns:r="${kOffice}"><sheets><sheet name="走访" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${kHead}<Relationships xmlns="${kPackage}/relationships"><Relationship Id="rId1" Type="${kOffice}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${kOffice}/styles" Target="styles.xml"/></Relationships>`,
    "xl/styles.xml": `${kHead}${kStyles}`,
    "xl/worksheets/sheet1.xml": `${kHead}<worksheet ${kMain}><sheetData>${lines.join("")}</sheetData></worksheet>`,
  });
}

function zipOf(files) {
  const parts = [];
  const entries = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    const packed = deflateRawSync(bytes);
    const called = Buffer.from(name);
    const fields = Buffer.alloc(26); // what the local header and the central entry have in common
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(called.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    entries.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, place, called]));
    const part = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields, called, packed]);
    parts.push(part);
    at += part.length;
  }
  const central = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}

// The text of each file of a zip, by name.
export function unzip(bytes) {
  const files = {};
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [packed, named, extra, comment, from] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)];
    const start = from + 30 + bytes.readUInt16LE(from + 26) + bytes.readUInt16LE(from + 28);
    const data = bytes.subarray(start, start + packed);
    files[bytes.toString("utf8", at + 46, at + 46 + named)] = (bytes.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data)).toString("utf8");
    at += 46 + named + extra + comment;
  }
  return files;
}
