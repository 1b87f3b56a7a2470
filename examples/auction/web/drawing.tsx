// A drawing of the lot in its light; the empty stand where there is none.
import type { ReactNode } from "react";

const LOTS: Record<number, ReactNode> = {
  1: (
    <>
      <path className="wood" d="M100 92v84M74 178c6-7 16-9 26-9s20 2 26 9z" />
      <path
        className="iron"
        d="M84 88c-9-17-9-32 0-46 7-11 25-11 32 0 9 14 9 29 0 46zM100 34v54M78 64h44"
      />
      <circle className="bulb" cx="100" cy="62" r="12" />
    </>
  ),
  2: (
    <>
      <circle className="brass" cx="100" cy="62" r="26" />
      <circle className="brass" cx="100" cy="62" r="11" />
      <path className="brass" d="M100 88v80M100 142h22v14M100 164h16" />
    </>
  ),
  3: (
    <>
      <path className="wood" d="M52 36h96" />
      <path
        className="velvet"
        d="M58 40c4 30 2 62-8 132 14 6 26 4 34-2 10 8 24 8 34 0 10 6 20 8 32 2-10-70-12-102-8-132z"
      />
      <path className="fold" d="M78 44c0 46-2 80-4 122M100 44v126M122 44c0 46 2 80 4 122" />
    </>
  ),
  4: (
    <>
      <path className="brass" d="M62 128l10-62h22v62zM138 128l-10-62h-22v62zM94 88h12" />
      <path className="brass" d="M56 128h44v14H56zM100 128h44v14h-44z" />
      <path className="wood" d="M144 100l26 48" />
    </>
  ),
};

export function Drawing({ lot }: { lot: number }) {
  return (
    <svg className="drawing" viewBox="0 0 200 200" aria-hidden="true">
      <path className="beam" d="M70 0h60l58 188H12z" />
      <ellipse className="pool" cx="100" cy="184" rx="88" ry="12" />
      {LOTS[lot] ?? <path className="wood" d="M64 184v-40h72v40M58 144h84" />}
    </svg>
  );
}
