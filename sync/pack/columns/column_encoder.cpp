// Encodes a column (docs/FORMATS.md, "Column codes"): searches for a plan on a sample and writes
// all cells with it; if the plan does not fit a value outside the sample, searches on all cells.
#include "sync/pack/columns/column_encoder.hpp"

#include <algorithm>
#include <utility>

#include "core/limits.hpp"
#include "core/text.hpp"
#include "sync/pack/columns/column_writer.hpp"
#include "sync/pack/columns/context_search.hpp"
#include "sync/pack/columns/plan_search.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kSampleCells = 2'048;
constexpr std::size_t kSamplePieces = 4;
constexpr int kSearchDepth = 2;
constexpr std::size_t kFewNulls = 8;  // runs; a column with more has one mark for each cell
constexpr double kMaxGrowth = 1.1;    // of bytes per cell, before a new search
constexpr double kMaxForeignGrowth = 1.05;
constexpr double kMaxForeignBytes = 24;  // a smaller table pays more for its lists and alphabets

Status check_cell(const ColumnSpec& column, const CellView& cell) {
  if (cell.kind == CellView::Kind::kNull) return ok();
  const bool number = cell.kind == CellView::Kind::kInteger;
  if (number != holds_integers(column.type)) {
    return bad_input("column " + column.name + ": a cell is of another type", column.name);
  }
  if (cell.text.size() > limits::kCellBytes) {
    return bad_input("column " + column.name + ": a cell is longer than 65536 bytes", column.name);
  }
  if (!number && column.type != ColumnType::kBytes && !is_utf8(cell.text)) {
    return bad_input("column " + column.name + ": a cell is not UTF-8", column.name);
  }
  return ok();
}

// Lengths of alternating runs of present and null cells, present first.
std::vector<std::size_t> runs_of_nulls(std::span<const CellView> cells) {
  std::vector<std::size_t> runs;
  bool null_run = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= cells.size(); ++i) {
    const bool last = i == cells.size();
    if (!last && (cells[i].kind == CellView::Kind::kNull) == null_run) continue;
    runs.push_back(i - begin);
    begin = i;
    null_run = !null_run;
  }
  return runs;
}

}  // namespace

// The cells of one column: all of them, and those that are not null.
struct ColumnEncoder::Input {
  Items all, present;
  std::vector<std::uint32_t> present_rows;
  Numbers numbers, old_numbers, marks;  // 1: present
  TextViews texts, old_texts;
  std::vector<std::size_t> null_runs;
  BlockCells* cells = nullptr;

  bool is_text() const { return !texts.empty(); }
  Input(std::span<const CellView> views, const CellSelection& selection)
      : all{.count = selection.count, .depth = 0, .rows = selection.rows}, cells(selection.cells) {
    for (std::size_t i = 0; i < views.size(); ++i) {
      const CellView& cell = views[i];
      marks.push_back(cell.kind == CellView::Kind::kNull ? 0 : 1);
      if (cell.kind == CellView::Kind::kNull) continue;
      if (selection.rows != nullptr) present_rows.push_back((*selection.rows)[i]);
      const bool number = cell.kind == CellView::Kind::kInteger;
      if (number) numbers.push_back(cell.integer);
      if (!number) texts.push_back(cell.text);
      if (selection.old_cells.empty()) continue;
      if (number) old_numbers.push_back(selection.old_cells[i].integer);
      if (!number) old_texts.push_back(selection.old_cells[i].text);
    }
    present = {.count = numbers.size() + texts.size(),
               .depth = 1,
               .rows = selection.rows != nullptr ? &present_rows : nullptr};
    null_runs = runs_of_nulls(views);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  PlanSearch::Found search(std::size_t sample_cells, ContextSearch& contexts) const {
    ChildItems child(present);
    Numbers some_numbers, some_old_numbers;
    TextViews some_texts, some_old_texts;
    const auto take = [&](std::size_t i) {
      child.add(present, i);
      if (!numbers.empty()) some_numbers.push_back(numbers[i]);
      if (!old_numbers.empty()) some_old_numbers.push_back(old_numbers[i]);
      if (!texts.empty()) some_texts.push_back(texts[i]);
      if (!old_texts.empty()) some_old_texts.push_back(old_texts[i]);
    };
    const std::size_t piece = sample_cells / kSamplePieces;
    for (std::size_t p = 0; p < kSamplePieces && present.count > sample_cells; ++p) {
      const std::size_t begin = p * (present.count - piece) / (kSamplePieces - 1);
      for (std::size_t i = begin; i < begin + piece; ++i) take(i);
    }
    for (std::size_t i = 0; i < present.count && present.count <= sample_cells; ++i) take(i);
    PlanSearch search(cells, contexts, present.count > sample_cells);
    return is_text() ? search.texts(child.items(), some_texts, some_old_texts, kSearchDepth)
                     : search.numbers(child.items(), some_numbers, some_old_numbers, kSearchDepth);
  }
};

std::optional<Bytes> ColumnEncoder::write(const Input& input, ColumnPlan& plan, LeafTuner* tuner) {
  ByteWriter out;
  ColumnWriter writer(out, input.cells, tuner);
  const bool fits = input.is_text()
                        ? writer.texts(plan, input.present, input.texts, input.old_texts)
                        : writer.numbers(plan, input.present, input.numbers, input.old_numbers);
  if (!fits) return std::nullopt;
  return out.take();
}

void ColumnEncoder::start_from(const ColumnEncoder& other) {
  plans_ = other.plans_;
  for (auto& [column, plans] : plans_) plans.are_foreign = plans.are_foreign_marks = true;
}

// Searches only if another plan is probably better.
Bytes ColumnEncoder::values_from_foreign_plan(const Input& input, Plans& plans,
                                              ContextSearch& contexts) {
  ContextFit fit(input.cells);
  ColumnPlan plan = plans.values;
  std::optional<Bytes> coded = write(input, plan, &fit);
  const auto cells = static_cast<double>(input.present.count);
  const double expected = plans.bytes_per_cell * cells * kMaxForeignGrowth + kMaxForeignBytes;
  const bool is_good = coded && static_cast<double>(coded->size()) <= expected;
  Bytes searched = is_good ? Bytes() : searched_values(input, plans, contexts);
  if (!coded || (!is_good && searched.size() <= coded->size())) return searched;
  plans.values = std::move(plan);
  plans.bytes_per_cell = static_cast<double>(coded->size()) / cells;
  return std::move(*coded);
}

// Encodes the tree of the present cells.
Bytes ColumnEncoder::values(const Input& input, Plans& plans, ContextSearch& contexts) {
  if (std::exchange(plans.are_foreign, false)) {
    return values_from_foreign_plan(input, plans, contexts);
  }
  const auto cells = static_cast<double>(input.present.count);
  if (plans.bytes_per_cell > 0) {
    std::optional<Bytes> again = write(input, plans.values, nullptr);
    if (again &&
        static_cast<double>(again->size()) <= plans.bytes_per_cell * cells * kMaxGrowth + 16) {
      return std::move(*again);
    }
  }
  return searched_values(input, plans, contexts);
}

Bytes ColumnEncoder::searched_values(const Input& input, Plans& plans, ContextSearch& contexts) {
  const auto cells = static_cast<double>(input.present.count);
  for (const std::size_t sample : {kSampleCells, SIZE_MAX}) {
    plans.values = input.search(sample, contexts).plan;
    std::optional<Bytes> found = write(input, plans.values, &contexts);
    if (!found) continue;
    plans.bytes_per_cell = static_cast<double>(found->size()) / cells;
    return std::move(*found);
  }
  plans.values = {.code = input.is_text() ? Code::kPlainText : Code::kUnsigned};
  return *write(input, plans.values, nullptr);
}

Bytes ColumnEncoder::marks(const ColumnSpec& column, ColumnUse use, const Numbers& marks,
                           const CellSelection& selection) {
  Plans& plans = plans_[{column.name, use}];
  ContextSearch contexts(selection.cells);
  ContextFit fit(selection.cells);
  const bool is_new = !std::exchange(plans.has_mark_plan, true);
  const bool is_foreign = std::exchange(plans.are_foreign_marks, false);
  LeafTuner* foreign_tuner = is_foreign ? &fit : nullptr;
  ByteWriter out;
  ColumnWriter(out, selection.cells, is_new ? &contexts : foreign_tuner)
      .marks(plans.marks, {.count = selection.count, .depth = 0, .rows = selection.rows}, marks);
  return out.take();
}

Result<Bytes> ColumnEncoder::encode(const ColumnSpec& column, ColumnUse use,
                                    std::span<const CellView> cells,
                                    const CellSelection& selection) {
  for (const CellView& cell : cells) {
    ROOTLET_TRY(check_cell(column, cell));
  }
  const Input input(cells, selection);
  ByteWriter out;
  if (input.present.count == 0) {
    out.u8(static_cast<std::uint8_t>(Code::kAllNull));
    return out.take();
  }
  Plans& plans = plans_[{column.name, use}];
  const bool is_new = plans.bytes_per_cell == 0;
  ContextSearch contexts(selection.cells);
  ContextFit fit(selection.cells);
  LeafTuner* foreign_tuner = plans.are_foreign ? &fit : nullptr;
  if (input.present.count < selection.count && input.null_runs.size() <= kFewNulls) {
    out.u8(static_cast<std::uint8_t>(Code::kSomeNull));
    for (const std::size_t run : input.null_runs) out.varint(run);
  } else if (input.present.count < selection.count) {
    out.u8(static_cast<std::uint8_t>(Code::kNullMarks));
    ColumnWriter(out, selection.cells, is_new ? &contexts : foreign_tuner)
        .marks(plans.nulls, input.all, input.marks);
  }
  out.raw(values(input, plans, contexts));
  return out.take();
}

std::vector<std::size_t> coding_order(std::span<const CellColumn> columns, std::size_t begin,
                                      std::size_t end) {
  constexpr std::size_t kRowsCounted = 4'096, kRowsCompared = 64, kBytesInside = 3;
  std::vector<std::pair<std::size_t, std::size_t>> changes;  // changes from row to row, column
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::size_t count = 0;
    for (std::size_t row = begin + 1; row < std::min(end, begin + kRowsCounted); ++row) {
      count += columns[c].at(row) == columns[c].at(row - 1) ? 0 : 1;
    }
    // Numbers usually describe something else in the row, so they come after the columns that
    // predict them.
    const bool is_number = columns[c].at(begin).kind == CellView::Kind::kInteger;
    changes.emplace_back(is_number ? end - begin + count : count, c);
  }
  std::sort(changes.begin(), changes.end());
  const auto is_part = [&](std::size_t part, std::size_t whole) {
    for (std::size_t row = begin; row < std::min(end, begin + kRowsCompared); ++row) {
      const std::string_view a = columns[part].at(row).text, b = columns[whole].at(row).text;
      if (a.empty() || a.size() >= b.size() || b.find(a) == std::string_view::npos) return false;
    }
    return true;
  };
  // True if many cells of `whole` have that of `part` inside, but not all, and not the same.
  const auto is_often_inside = [&](std::size_t part, std::size_t whole) {
    std::size_t rows = 0, inside = 0;
    const std::size_t stride = (end - begin) / (4 * kRowsCompared) + 1;
    for (std::size_t row = begin; row < end; row += stride, ++rows) {
      const std::string_view a = columns[part].at(row).text, b = columns[whole].at(row).text;
      if (a.size() < b.size() && a.size() >= kBytesInside) {
        inside += b.find(a) != std::string_view::npos ? 1 : 0;
      }
    }
    return inside * 8 >= rows && inside < rows;
  };
  std::vector<std::size_t> order;
  const auto append = [&](std::size_t column) {
    const auto add = [&](std::size_t c) {
      if (std::find(order.begin(), order.end(), c) == order.end()) order.push_back(c);
    };
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c != column && is_often_inside(c, column)) add(c);
    }
    add(column);
  };
  for (const auto& [count, column] : changes) {
    std::size_t whole = column;  // the longest text that contains it
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (is_part(column, c) &&
          columns[c].at(begin).text.size() > columns[whole].at(begin).text.size()) {
        whole = c;
      }
    }
    append(whole);
    append(column);
  }
  return order;
}

}  // namespace rootlet
