// The table of the functions in the including source.

#define PARTITA_BYTE_TILES(v)                                                                     \
    {                                                                                             \
        score_tile<1, v>, score_tile<2, v>, score_tile<3, v>, score_tile<4, v>, score_tile<5, v>, \
            score_tile<6, v>                                                                      \
    }
#define PARTITA_BYTE_TABLE                                                       \
    {                                                                            \
        round_to_bytes, pack_panel, float_product, {                             \
            PARTITA_BYTE_TILES(1), PARTITA_BYTE_TILES(2), PARTITA_BYTE_TILES(3), \
                PARTITA_BYTE_TILES(4)                                            \
        }                                                                        \
    }
