#include "agent/catalogue/catalogue.hpp"

#include "agent/query/held_because.hpp"
#include "agent/query/permission.hpp"
#include "agent/reading/reading.hpp"

namespace rootlet::agent {
namespace {

json::array texts_json(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object grant_json(const Office& office, const Grant& grant) {
  const Lease lease = office.lease_of(grant.dataset);
  return {{"access", name_of(lease.access)},
          {"purposes", texts_json(grant.purposes)},
          {"divisions", texts_json(grant.divisions)},
          {"max_grade", grant.max_grade},
          {"mode", grant.mode},
          {"export", grant.may_export},
          {"basis", grant.basis},
          {"scenario", grant.scenario},
          {"approver", grant.approver},
          {"until", format_time(grant.until)},
          {"emergency", emergency_json(grant)},
          {"max_rows", grant.caps.rows > 0 ? json::value(grant.caps.rows) : json::value()},
          {"max_exports", grant.caps.exports > 0 ? json::value(grant.caps.exports) : json::value()},
          {"lease_until", format_time(lease.until)}};
}

std::string_view word_of(Shown shown) {
  if (shown == Shown::kNothing) return "nothing";
  return shown == Shown::kMasked ? "masked" : "value";
}

// "shown" is what a row shows: the value, a mask, or nothing; "reveal" says that one row's value
// may be seen in full, on its own.
json::array columns_json(const DatasetDefinition& definition, const Grant* grant) {
  const ReadRight right = grant != nullptr ? right_of(*grant) : ReadRight{};
  const std::vector<ShownColumn> shown = shown_columns(definition, right);
  json::array columns;
  for (std::size_t i = 0; i < definition.columns.size(); ++i) {
    const DatasetColumn& column = definition.columns[i];
    const bool hides = !shown[i].mask.empty();
    columns.push_back(
        json::object{{"name", column.spec.name},
                     {"type", name_of(column.spec.type)},
                     {"key", column.key},
                     {"search", column.search},
                     {"grade", column.grade},
                     {"title", to_json(column.title)},
                     {"mask", column.mask.empty() ? json::value() : json::value(column.mask)},
                     {"tags", texts_json(column.tags)},
                     {"readable", shown[i].shown != Shown::kNothing},
                     {"shown", hides ? "masked" : word_of(shown[i].shown)},
                     {"reveal", hides}});
  }
  return columns;
}

// A text of a listing, in both languages, as its owner wrote it: one string or {"zh","en"}.
json::value both_json(const json::object& line, std::string_view key) {
  const json::value* found = line.if_contains(key);
  if (found == nullptr) return json::object{{"zh", ""}, {"en", ""}};
  if (found->is_object()) return *found;
  return json::object{{"zh", *found}, {"en", *found}};
}

json::value field_or(const json::object& line, std::string_view key, json::value fallback) {
  const json::value* found = line.if_contains(key);
  return found == nullptr ? std::move(fallback) : *found;
}

// What the platform shares with everybody, on a condition, or not at all.
Text why_not_shared(const json::object& sharing) {
  const std::string attribute = text_at(sharing, "attribute");
  if (attribute == "not_shared") {
    const std::string reason = text_at(sharing, "reason"), basis = text_at(sharing, "basis");
    return {.en = "It is not shared: " + reason + " (" + basis + ").",
            .zh = "不予共享：" + reason + "（依据：" + basis + "）。"};
  }
  if (attribute == "conditional") {
    const std::string scope = text_at(sharing, "scope");
    return {
        .en = "It is shared on a condition, and this office has no grant. Condition: " + scope +
              ". Ask for it with `rootlet request`.",
        .zh = "有条件共享，本单位尚未获得授权。条件：" + scope + "。可用 rootlet request 申请。"};
  }
  return {.en =
              "It is shared unconditionally, but this office has no grant yet. Ask for it with "
              "`rootlet request`.",
          .zh = "无条件共享，但本单位尚未获得授权，可用 rootlet request 申请。"};
}

// Why a granted dataset cannot be read now; nothing if it can.
std::optional<Text> why_not_open(const Lease& lease, const Grant& grant) {
  if (!grant.lands()) {
    return Text{.en = "It is asked online only: nothing of it is held here.",
                .zh = "仅在线查询：本机不持有数据。"};
  }
  if (lease.is_lost) {
    return Text{.en = "This machine was reported lost: the copy is locked, not erased.",
                .zh = "本机已报失：数据已锁定，未清除。"};
  }
  if (lease.is_copy) {
    return Text{.en = "This home may be an older copy: the data is locked until the next sync.",
                .zh = "数据目录可能是旧副本：数据已锁定，同步后恢复。"};
  }
  const std::string until = format_time(lease.until);
  if (lease.access == Access::kSuspended) {
    return Text{.en = "The platform has suspended the grant: the copy is locked, not erased.",
                .zh = "平台已暂停授权：本机数据已锁定，未清除。"};
  }
  if (lease.access != Access::kOpen) {
    return Text{.en = "The lease or the grant ended at " + until +
                      ". A sync renews the lease while the grant lasts.",
                .zh = "租期或授权已于 " + until + " 结束。授权有效时，同步一次即可续租。"};
  }
  if (grant.mode != kModeVerify) return std::nullopt;
  return Text{.en = "The grant allows comparing values only; it shows no rows.",
              .zh = "授权仅限核验，不能查看数据。"};
}

json::value why_json(const Office& office, const Grant* grant, const json::object& sharing) {
  if (grant == nullptr) return to_json(why_not_shared(sharing));
  const std::optional<Text> why = why_not_open(office.lease_of(grant->dataset), *grant);
  return why ? json::value(to_json(*why)) : json::value();
}

}  // namespace

json::object catalogue_json(const Office& office, const DatasetListing& listing,
                            const std::optional<DatasetDefinition>& definition) {
  const Result<json::value> parsed = parse_json(listing.line, "catalogue");
  const json::object line = parsed.has_value() && parsed.value().is_object()
                                ? parsed.value().as_object()
                                : json::object();
  const json::object& provider = object_at(line, "provider");
  const json::object& sharing = object_at(line, "sharing");
  const Grant* grant = office.grants().for_dataset(listing.id);
  json::object out{{"id", listing.id},
                   {"title", both_json(line, "title")},
                   {"provider", json::object{{"code", field_or(provider, "code", "")},
                                             {"name", both_json(provider, "name")}}},
                   {"update", field_or(line, "update", "")},
                   {"summary", both_json(line, "summary")},
                   {"sharing", field_or(sharing, "attribute", "")},
                   {"uses", field_or(sharing, "uses", json::array())},
                   {"scope", field_or(sharing, "scope", "")},
                   {"reason", field_or(sharing, "reason", "")},
                   {"basis", field_or(sharing, "basis", "")},
                   {"columns", definition ? columns_json(*definition, grant) : json::array()},
                   {"granted", grant != nullptr},
                   {"why", why_json(office, grant, sharing)}};
  if (grant != nullptr) out["grant"] = grant_json(office, *grant);
  return out;
}

}  // namespace rootlet::agent
