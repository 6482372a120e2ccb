// Keeps a primed model for the next use of the same base. A publisher decodes what it has just
// encoded, and would otherwise prime the same model twice. The next user takes the model out of the
// memo. One thread.
#pragma once

#include <memory>

namespace rootlet {

class ModelledSection;

class ModelMemo {
 public:
  ModelMemo();
  ~ModelMemo();

 private:
  friend class ModelledSection;
  std::unique_ptr<ModelledSection> primed_;
};

}  // namespace rootlet
