// What the realm offers: datasets and forms, as their owners define them. Each call takes the
// realm's lock and publishes the catalogue anew.
#pragma once

#include "platform/repository/repository.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/uplink/form/form.hpp"

namespace rootlet::platform {

// A dataset that is there already may change in its words; kUsage if its columns, key, partitions
// or provider would change, because offices hold rows of the old shape.
Status add_dataset(Realm& realm, const DatasetDefinition& definition, UnixTime now);

// A new version must have a higher number; the same version again must be the same form. kUsage
// otherwise.
Status add_form(Realm& realm, const FormDefinition& form, UnixTime now);

}  // namespace rootlet::platform
