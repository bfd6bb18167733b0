// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { Palette } from "./palette.tsx";

afterEach(cleanup);

it("goes to a room of the settings and, once its name is typed, to a repository's", () => {
  const onClose = vi.fn<() => void>();
  const onGo = vi.fn<(path: string) => void>();
  const rooms = [{ label: "Settings: budgets", path: "/settings/budgets" }];
  const repositories = [{ label: "Settings of parser", path: "/settings/network?repository=rep_1", also: "/code/lib" }];
  render(
    <Palette open onClose={onClose} onGo={onGo} onShowShortcuts={onClose} sessions={[]} {...{ rooms, repositories }} />,
  );
  expect(document.activeElement).toBe(screen.getByPlaceholderText(/Go to a session/));
  fireEvent.click(screen.getByText("Settings: budgets"));
  expect(onGo).toHaveBeenLastCalledWith("/settings/budgets");
  expect(onClose).toHaveBeenCalledOnce();

  expect(screen.queryByText("Settings of parser")).toBeNull();
  const field = screen.getByPlaceholderText(/Go to a session/);
  fireEvent.change(field, { target: { value: "code/lib" } });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(onGo).toHaveBeenLastCalledWith("/settings/network?repository=rep_1");
});
