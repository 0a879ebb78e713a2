#include "partita/frame/from_block.hpp"

namespace partita::frame {

namespace {

class BlockAsSource final : public BlockSource {
  public:
    explicit BlockAsSource(Block rows) : rows_(std::move(rows)) {}
    void run(std::int64_t, BlockSink sink) const override {
        if (rows_.rows() > 0) sink(rows_);
    }

  private:
    Block rows_;
};

}  // namespace

Table from_block(dataset::Context const& context, Block const& rows) {
    return {dataset::Plan{context, {1}, {}, "from_block", {}}, rows.shared_schema(),
            std::make_shared<BlockAsSource>(rows.owned()), std::vector<std::int64_t>{rows.rows()}};
}

}  // namespace partita::frame
