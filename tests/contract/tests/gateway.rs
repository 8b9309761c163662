//! Every rule of the wire on both databases.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use ledsaga_contract::{every_gateway_rule, gateway::Site, postgres::Cluster};

macro_rules! on_both_databases {
    ($($module:ident: $($rule:ident),+;)+) => {
        mod sqlite {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread")]
                async fn $rule() {
                    let site = crate::Site::start(None).await.unwrap();
                    ledsaga_contract::gateway::$module::$rule(site).await.unwrap();
                })+
            })+
        }

        mod postgresql {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread")]
                #[ignore = "needs PostgreSQL: cargo xtask test runs it"]
                async fn $rule() {
                    let Some(cluster) = crate::cluster().unwrap() else { return };
                    let site = crate::Site::start(Some(cluster.database().unwrap())).await.unwrap();
                    ledsaga_contract::gateway::$module::$rule(site).await.unwrap();
                })+
            })+
        }
    };
}

every_gateway_rule!(on_both_databases);

/// The cluster that the tests which run right now share; the last one to end stops it.
fn cluster() -> anyhow::Result<Option<Arc<Cluster>>> {
    static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
    if std::env::var_os("LEDSAGA_NO_POSTGRES").is_some_and(|value| value == "1") {
        return Ok(None);
    }
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = shared.upgrade() {
        return Ok(Some(running));
    }
    let cluster = Arc::new(Cluster::start()?);
    *shared = Arc::downgrade(&cluster);
    Ok(Some(cluster))
}
