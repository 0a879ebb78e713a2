#include "frame/narrow.hpp"

namespace partita::frame {

namespace {

class NarrowSource final : public BlockSource {
  public:
    NarrowSource(std::shared_ptr<BlockSource const> input, BlockStep step)
        : input_(std::move(input)), step_(std::move(step)) {}
    void run(std::int64_t partition, BlockSink sink) const override {
        input_->run(partition, [&](Block const& block) { step_(partition, block, sink); });
    }

  private:
    std::shared_ptr<BlockSource const> input_;
    BlockStep step_;
};

class OrderedSource final : public BlockSource {
  public:
    OrderedSource(std::shared_ptr<BlockSource const> input, MakeBlockStep make)
        : input_(std::move(input)), make_(std::move(make)) {}
    void run(std::int64_t partition, BlockSink sink) const override {
        InOrderStep const step = make_(partition);
        if (!step) return;
        input_->run(partition, [&](Block const& block) { step(block, sink); });
    }

  private:
    std::shared_ptr<BlockSource const> input_;
    MakeBlockStep make_;
};

Table with_source(Table const& input, std::string_view operation,
                  std::shared_ptr<Schema const> schema, std::shared_ptr<BlockSource const> source,
                  bool keeps_rows) {
    Table result(input.plan().then_anew(operation), std::move(schema), std::move(source));
    return keeps_rows ? result.with_rows_of(input) : result;
}

}  // namespace

Table narrow(Table const& input, std::string_view operation, std::shared_ptr<Schema const> schema,
             BlockStep step, bool keeps_rows) {
    return with_source(input, operation, std::move(schema),
                       std::make_shared<NarrowSource>(input.source(), std::move(step)), keeps_rows);
}

Table narrow_in_order(Table const& input, std::string_view operation,
                      std::shared_ptr<Schema const> schema, MakeBlockStep make, bool keeps_rows) {
    return with_source(input, operation, std::move(schema),
                       std::make_shared<OrderedSource>(input.source(), std::move(make)),
                       keeps_rows);
}

std::vector<std::int64_t> partition_starts(Table const& table) {
    std::vector<std::int64_t> starts{0};
    for (std::int64_t const rows : table.partition_rows()) starts.push_back(starts.back() + rows);
    return starts;
}

}  // namespace partita::frame
