// The page: who you are, then the sale.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Sale } from "./sale.tsx";

const name = new URLSearchParams(location.search).get("room") ?? "props";

createRoot(document.getElementById("page")!).render(
  <StrictMode>
    <Sale room={name} />
  </StrictMode>,
);
