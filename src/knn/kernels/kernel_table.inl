// The table of the functions in the including source.

#define PARTITA_TILES(v)                                                                          \
    {                                                                                             \
        score_tile<1, v>, score_tile<2, v>, score_tile<3, v>, score_tile<4, v>, score_tile<5, v>, \
            score_tile<6, v>                                                                      \
    }
#define PARTITA_KERNEL_TABLE                                                                       \
    {                                                                                              \
        pack_panel, {PARTITA_TILES(1), PARTITA_TILES(2), PARTITA_TILES(3), PARTITA_TILES(4)},      \
            score_pairs, sum_of_terms<SquaredDifference>, sum_of_terms<Product>, rough_squared_l2, \
            kth_largest                                                                            \
    }
