// The codes that make texts. What any of them makes is bounded by kDecodedBlockBytes.
#include "core/limits.hpp"
#include "sync/pack/column_decoder.hpp"
#include "sync/pack/sizes.hpp"

namespace rootlet {

std::string_view ColumnDecoder::Texts::at(std::size_t i) const {
  const std::size_t begin = i == 0 ? 0 : ends[i - 1];
  return std::string_view(bytes).substr(begin, ends[i] - begin);
}

Status ColumnDecoder::append(Texts& out, std::string_view a, std::string_view b,
                             std::string_view c) {
  if (a.size() + b.size() + c.size() > kDecodedBlockBytes - out.bytes.size()) {
    return error("a column makes more text than a block may hold");
  }
  out.bytes.append(a).append(b).append(c);
  out.ends.push_back(out.bytes.size());
  return ok();
}

Result<ColumnDecoder::Texts> ColumnDecoder::plain_text(Node node) {
  ROOTLET_TRY(const std::vector<std::size_t> sizes, lengths({node.count, node.depth + 1}));
  std::size_t total = 0;
  Texts out;
  out.ends.reserve(sizes.size());
  for (const std::size_t size : sizes) out.ends.push_back(total += size);
  if (total > in_.left()) return error("ends before its last text");
  ROOTLET_TRY(const ByteView bytes, in_.take(total));
  out.bytes = as_text(bytes);
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::same_text(Node node) {
  ROOTLET_TRY(const ByteView bytes, in_.sized(limits::kCellBytes));
  Texts out;
  for (std::size_t i = 0; i < node.count; ++i) {
    ROOTLET_TRY(append(out, as_text(bytes)));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::after_prefix(Node node) {
  ROOTLET_TRY(const std::vector<std::size_t> kept, lengths({node.count, node.depth + 1}));
  ROOTLET_TRY(const Texts rest, texts({node.count, node.depth + 1}, nullptr));
  Texts out;
  std::string before;
  for (std::size_t i = 0; i < node.count; ++i) {
    if (kept[i] > before.size()) return error("a prefix is longer than the text before");
    before.resize(kept[i]);
    before.append(rest.at(i));
    if (before.size() > limits::kCellBytes) return error("a text is longer than 65536 bytes");
    ROOTLET_TRY(append(out, before));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::text_choice(Node node) {
  ROOTLET_TRY(const std::size_t count, child_count(node.count));
  ROOTLET_TRY(const Texts values, texts({count, node.depth + 1}, nullptr));
  ROOTLET_TRY(const Numbers which, numbers({node.count, node.depth + 1}, nullptr));
  Texts out;
  for (const std::int64_t index : which) {
    if (static_cast<std::uint64_t>(index) >= count)
      return error("a choice is not among the values");
    ROOTLET_TRY(append(out, values.at(static_cast<std::size_t>(index))));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::digits(Node node,
                                                   const std::vector<std::string_view>* olds) {
  ROOTLET_TRY(const std::uint64_t width, in_.varint_up_to(kMaxDigits));
  Numbers old_numbers;
  if (olds != nullptr) {
    for (const std::string_view old : *olds) old_numbers.push_back(number_from_digits(old));
  }
  ROOTLET_TRY(const Numbers values,
              numbers({node.count, node.depth + 1}, olds != nullptr ? &old_numbers : nullptr));
  Texts out;
  for (const std::int64_t value : values) {
    char text[kMaxDigits];
    std::size_t begin = kMaxDigits;
    auto left = static_cast<std::uint64_t>(value);
    do {
      text[--begin] = static_cast<char>('0' + left % 10);
      left /= 10;
    } while (left > 0 && begin > 0);
    while (kMaxDigits - begin < width) text[--begin] = '0';
    const std::size_t made = kMaxDigits - begin;
    // Without old values (tree_) the number is nothing to judge.
    if (tree_ == nullptr && (left > 0 || (width > 0 && made > width))) {
      return error("a number has more digits than its width");
    }
    ROOTLET_TRY(append(out, {text + begin, made}));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::inside_old(Node node,
                                                       const std::vector<std::string_view>* olds) {
  ROOTLET_TRY(const std::vector<std::size_t> heads, lengths({node.count, node.depth + 1}));
  ROOTLET_TRY(const std::vector<std::size_t> tails, lengths({node.count, node.depth + 1}));
  ROOTLET_TRY(Texts middles, texts({node.count, node.depth + 1}, nullptr));
  if (olds == nullptr) {
    if (tree_ == nullptr) return error("an old value is used where none is");
    return middles;
  }
  Texts out;
  for (std::size_t i = 0; i < node.count; ++i) {
    const std::string_view old = (*olds)[i];
    if (heads[i] + tails[i] > old.size()) return error("keeps more of an old text than it has");
    ROOTLET_TRY(
        append(out, old.substr(0, heads[i]), middles.at(i), old.substr(old.size() - tails[i])));
  }
  return out;
}

Result<ColumnDecoder::Texts> ColumnDecoder::texts(Node node,
                                                  const std::vector<std::string_view>* olds) {
  ROOTLET_TRY(const Code code, next_code(node.depth));
  if (code == Code::kSameText) return same_text(node);
  open_branch();
  Result<Texts> out = error("an unknown code for texts");
  if (code == Code::kPlainText) out = plain_text(node);
  if (code == Code::kAfterPrefix) out = after_prefix(node);
  if (code == Code::kTextChoice) out = text_choice(node);
  if (code == Code::kDigits) out = digits(node, olds);
  if (code == Code::kInsideOld) out = inside_old(node, olds);
  close_branch();
  return out;
}

}  // namespace rootlet
