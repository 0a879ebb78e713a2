// What each customer ordered, those without orders included: join CUSTOMERS ORDERS
//
// CUSTOMERS has the columns id and name, ORDERS has customer and item.
#include <partita/comm/run_app.hpp>
#include <partita/dataset/read_csv_rows.hpp>

int main(int argc, char** argv) {
    return partita::run_app(argc, argv, [&](partita::Communicator const& world) {
        using Row = std::pair<std::int64_t, std::string>;
        partita::dataset::Context const context(world);
        partita::check(argc == 3, "usage: join CUSTOMERS ORDERS");
        auto const customers =
            partita::dataset::read_csv_rows<Row>(context, argv[1], {.columns = {"id", "name"}});
        auto const orders = partita::dataset::read_csv_rows<Row>(context, argv[2],
                                                                 {.columns = {"customer", "item"}});
        auto const both = customers.left_outer_join(orders).sort_by_key();
        for (auto const& [id, pair] : both.take(100)) {
            auto const& [name, item] = pair;
            if (world.is_root()) fmt::print("{} {} {}\n", id, name, item.value_or("nothing"));
        }
        return 0;
    });
}
