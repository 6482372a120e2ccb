// What a model has learned from a base. A publisher that decodes what it has just encoded would
// learn the same from the same rows again; it keeps one of these beside its base instead. What is
// in it is taken by the next one who learns.
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
