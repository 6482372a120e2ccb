// Metadata of The Update Framework (TUF 1.0, section 4) that the publishing home signs: all but
// root, snapshot and timestamp. Signs a role again when its content changed or its age requires it.
#include "platform/online/metadata_stage.hpp"
#include "platform/repository/repository.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

Result<TufDelegationContent> delegation(Registry& registry, std::string role,
                                        std::vector<std::string> paths) {
  ROOTLET_TRY(const SigningKey key, registry.signing_key(role));
  return TufDelegationContent{.name = std::move(role),
                              .keys = {.keys = {key.public_key}, .threshold = 1},
                              .paths = std::move(paths),
                              .terminating = true};
}

// The publisher roles with the paths of their datasets, withdrawn ones too: clients refuse a
// snapshot that leaves out a role which it listed before (TUF 5.5.5).
Result<std::map<std::string, std::vector<std::string>>> publisher_paths(Registry& registry) {
  std::map<std::string, std::vector<std::string>> paths;
  ROOTLET_TRY(const std::vector<std::string> ids, registry.dataset_ids());
  for (const std::string& id : ids) {
    ROOTLET_TRY(const std::optional<std::string> text, registry.dataset(id));
    ROOTLET_TRY(const DatasetDefinition definition,
                DatasetDefinition::parse(text.value_or(""), "dataset " + id));
    paths[publisher_role(definition.provider_code)].push_back("streams/" + id + "/*");
  }
  ROOTLET_TRY(const std::vector<WithdrawnDataset> withdrawn, registry.withdrawn_datasets());
  for (const WithdrawnDataset& one : withdrawn) {
    ROOTLET_TRY(const DatasetDefinition definition,
                DatasetDefinition::parse(one.definition, "dataset " + one.id));
    paths[publisher_role(definition.provider_code)].push_back("streams/" + one.id + "/*");
  }
  return paths;
}

Result<TufTargetsContent> targets_content(Realm& realm) {
  Registry& registry = realm.registry();
  TufTargetsContent content;
  ROOTLET_TRY(const ServiceKeys keys, service_keys(realm));
  content.header.custom[kServiceKeysField] = encode_service_keys(keys);
  ROOTLET_TRY(const auto repository_url, registry.setting(kSettingRepositoryUrl));
  if (repository_url.has_value()) content.header.custom[kRepositoryField] = *repository_url;
  ROOTLET_TRY(TufDelegationContent directory, delegation(registry, "directory", {"directory/*"}));
  content.delegations.push_back(std::move(directory));
  ROOTLET_TRY(TufDelegationContent grants, delegation(registry, "grants", {"offices/*"}));
  content.delegations.push_back(std::move(grants));
  ROOTLET_TRY(const auto publishers, publisher_paths(registry));
  for (const auto& [role, paths] : publishers) {
    ROOTLET_TRY(TufDelegationContent publisher, delegation(registry, role, paths));
    content.delegations.push_back(std::move(publisher));
  }
  return content;
}

// The root node pins everything else.
Result<TufTargetsContent> directory_content(Registry& registry) {
  TufTargetsContent content;
  ROOTLET_TRY(const std::optional<Bytes> root, registry.tree().node_pack("all"));
  if (root.has_value()) content.targets.emplace(kRootNodeTarget, describe_target(*root));
  return content;
}

// Stages the delegated roles. Publishers sign packs, not metadata targets, but a TUF client that
// follows one of their paths must find metadata.
Status stage_delegated(Realm& realm, MetadataStage& stage, const TufTargetsContent& targets) {
  for (const TufDelegationContent& delegated : targets.delegations) {
    TufTargetsContent content;
    Ageing ageing = for_life(kTargetsLife);
    if (delegated.name == "directory") {
      ROOTLET_TRY(content, directory_content(realm.registry()));
      ageing = for_life(kDirectoryLife);
    }
    ROOTLET_TRY(stage.stage(delegated.name, content, encode_targets, ageing));
  }
  return ok();
}

}  // namespace

Result<bool> stage_metadata(Realm& realm, UnixTime now) {
  ROOTLET_TRY(check_signing_clock(realm.serving(), realm.signing_clock(), now));
  MetadataStage stage(realm.registry().metadata(), realm.registry().secrets(), now);
  ROOTLET_TRY(const TufTargetsContent targets, targets_content(realm));
  ROOTLET_TRY(stage.stage(kTufTargets, targets, encode_targets, for_life(kTargetsLife)));
  ROOTLET_TRY(stage_delegated(realm, stage, targets));
  return stage.signed_any();
}

}  // namespace rootlet::platform
