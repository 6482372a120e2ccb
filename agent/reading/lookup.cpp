// Makes the plan of a look-up once, and then runs one SELECT for each key.
#include "agent/reading/lookup.hpp"

#include <algorithm>

#include "agent/query/held_because.hpp"

namespace rootlet::agent {
namespace {

bool fits(const LookupPlan* plan, const ReadRequest& request, const LookupFacts& facts) {
  return plan != nullptr && plan->entry == facts.entry && plan->generation == facts.generation &&
         plan->names == request.columns && plan->reveal == request.reveal;
}

Result<std::unique_ptr<LookupPlan>> make_plan(HeldDataset& dataset, const ReadRequest& request,
                                              const LookupFacts& facts) {
  const ReadRight right = right_of(facts.grant);
  const DatasetDefinition& definition = facts.entry->definition;
  ROOTLET_TRY(const VisibleRows rows, dataset.reader().stored_rows(definition, right));
  auto plan = std::make_unique<LookupPlan>(LookupPlan{.entry = facts.entry,
                                                      .generation = facts.generation,
                                                      .names = request.columns,
                                                      .reveal = request.reveal});
  ROOTLET_TRY(plan->columns, choose_columns(definition, rows, request.columns));
  ROOTLET_TRY(unmask(plan->columns, request));
  plan->filters = filter_columns(definition, rows);
  plan->sql = "SELECT \"~row\"";
  for (const ShownColumn& column : plan->columns) {
    plan->sql += "," + quote_identifier(column.spec.name);
  }
  plan->sql += " FROM " + rows.sql + " WHERE ";
  plan->slots = visible_slots(dataset.streams(), right);
  plan->head = {{"columns", columns_json(definition, plan->columns)},
                {"provenance", nullptr},
                {"held_because", held_because_json(facts.grant)}};
  return plan;
}

}  // namespace

Result<ReadOutcome> look_up(HeldDataset& dataset, const ReadRequest& request, LookupFacts facts,
                            LedgeredRows& out) {
  if (!fits(dataset.plan.get(), request, facts)) {
    ROOTLET_TRY(dataset.plan, make_plan(dataset, request, facts));
  }
  LookupPlan& plan = *dataset.plan;
  ROOTLET_TRY(const Condition condition,
              key_condition(facts.entry->definition, *request.key, plan.filters));
  ROOTLET_TRY(Statement statement, dataset.reader().database().prepare(plan.sql + condition.sql));
  bind_values(statement, std::span(&condition, 1));
  plan.head["provenance"] = std::move(facts.provenance);
  if (!out.begin(plan.head)) return ReadOutcome{};
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) break;
    const Slot slot = slot_of(statement.integer(0));
    if (!std::binary_search(plan.slots.begin(), plan.slots.end(), slot)) continue;
    std::size_t bytes = 0;
    json::array cells = row_json(statement, 1, plan.columns, bytes);
    if (!out.add(std::move(cells), bytes)) return ReadOutcome{};
  }
  out.finish("done");
  return ReadOutcome{.count = out.count()};
}

}  // namespace rootlet::agent
