import Link from "next/link";
import { Message } from "../ui/message.tsx";

export default function NotFound() {
  return (
    <main className="flex flex-1 items-center justify-center">
      <Message title="There is no such page">
        <Link href="/" className="text-accent underline underline-offset-2">
          To the sessions
        </Link>
      </Message>
    </main>
  );
}
