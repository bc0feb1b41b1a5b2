/** Said before the case is read: the family of the walk has very long names. */
export const LONG_NAMES = "KITH_LONG_NAMES";
