// The page: who you are, then the sale.
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

import { keepPaddle, keptPaddle, type Paddle } from "./paddle.ts";
import { Sale } from "./sale.tsx";
import { SignIn } from "./sign-in.tsx";

const name = new URLSearchParams(location.search).get("room") ?? "props";

function Page() {
  const [paddle, setPaddle] = useState(keptPaddle);
  const take = (taken: Paddle | undefined): void => {
    keepPaddle(taken);
    setPaddle(taken);
  };
  return paddle ? (
    <Sale room={name} paddle={paddle} onLeave={() => take(undefined)} />
  ) : (
    <SignIn room={name} onPaddle={take} />
  );
}

createRoot(document.getElementById("page")!).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
