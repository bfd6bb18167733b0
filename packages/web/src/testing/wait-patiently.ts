import { configure } from "@testing-library/react";

// On a machine that has much else to do a render takes long; that is no failure. What never comes ends with the test.
configure({ asyncUtilTimeout: 60_000 });
