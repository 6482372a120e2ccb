// Adds and changes the realm's datasets and forms, as their owners define them. Each call takes the
// realm's lock and publishes the catalogue.
#pragma once

#include "platform/repository/repository.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/uplink/form/form.hpp"

namespace rootlet::platform {

// The texts of an existing dataset may change. kUsage if the columns, key, partitions or provider
// of a published one would change, because offices hold rows of the old shape.
Status add_dataset(Realm& realm, const DatasetDefinition& definition, UnixTime now);

// kUsage unless the version is higher than all before, or the form equals the newest version.
// kBadInput if its prefill names a dataset or column that the catalogue lacks, or not its key.
Status add_form(Realm& realm, const FormDefinition& form, UnixTime now);

}  // namespace rootlet::platform
