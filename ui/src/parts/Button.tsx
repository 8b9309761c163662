import type { ComponentPropsWithRef } from "react";

import { Icon, type IconName } from "./Icon";
import { Keys } from "./Keys";

type Props = ComponentPropsWithRef<"button"> & {
  look?: "main" | "plain" | "quiet" | "protected" | "danger";
  icon?: IconName;
  /** The key that does the same, shown beside the words. */
  keys?: string | undefined;
};

export function Button({ look = "plain", icon, keys, className = "", children, ...rest }: Props) {
  return (
    <button type="button" className={`button button-${look} ${className}`} {...rest}>
      {icon && <Icon name={icon} />}
      <span>{children}</span>
      {keys && <Keys keys={keys} />}
    </button>
  );
}
